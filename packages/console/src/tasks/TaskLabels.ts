import { type Api, Quantity } from "@muster/domain"
import { displayLine } from "./displayText.ts"

export type TaskStatus = Api.TaskRecord["status"]

/** The display name of each status. */
const names: Readonly<Record<TaskStatus, string>> = {
  queued: "queued",
  dispatched: "starting",
  running: "running",
  cancelling: "canceling",
  completed: "completed",
  failed: "failed",
  cancelled: "canceled"
}

/** The color of each status. */
const tones: Readonly<Record<TaskStatus, string>> = {
  queued: "",
  dispatched: "accent",
  running: "accent",
  cancelling: "bad",
  completed: "good",
  failed: "bad",
  cancelled: ""
}

/** What a status is called and its color. A cancel that the daemon did not confirm is named so. */
export const labelOf = ({ confirmed, status }: Pick<Api.TaskRecord, "confirmed" | "status">) => ({
  name: status === "cancelled" && confirmed === false ? "canceled, unconfirmed" : names[status],
  tone: tones[status]
})

export const isTerminal = ({ status }: Pick<Api.TaskRecord, "status">): boolean =>
  status === "completed" || status === "failed" || status === "cancelled"

/** The first line of a prompt that is not empty. */
export const titleOf = ({ prompt }: Pick<Api.TaskRecord, "prompt">): string => {
  const text = prompt.trimStart()
  const end = text.indexOf("\n")
  const line = displayLine(end === -1 ? text : text.slice(0, end))
  return line === "" ? "Task" : line
}

/** The tokens of all attempts and models; undefined: none are reported. */
export const tokensOf = ({ usage }: Pick<Api.TaskRecord, "usage">): string | undefined =>
  usage.length === 0
    ? undefined
    : `${Quantity.compact(usage.reduce((sum, one) => sum + one.inputTokens + one.outputTokens, 0))} tokens`

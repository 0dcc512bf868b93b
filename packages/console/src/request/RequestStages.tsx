import { Kinds } from "@muster/domain"
import type { RequestView } from "./FollowRequest.ts"

/** One stage of a request, for display. */
export interface Stage {
  readonly text: string
  readonly state: "passed" | "now" | "done" | "broken"
}

/** The errors of requests that no daemon picked up in time, for all kinds. */
const pendingTimeouts: ReadonlySet<string> = new Set(Kinds.known.map(({ terms }) => terms.texts.pending))

/** Whether a request timed out before its daemon picked it up. */
export const timedOutWaiting = ({ error, status }: Pick<RequestView, "error" | "status">): boolean =>
  status === "timeout" && pendingTimeouts.has(error ?? "")

const waiting = "Waiting for the daemon"
const running = "Running on the machine"
const passed = (...texts: ReadonlyArray<string>): ReadonlyArray<Stage> =>
  texts.map((text) => ({ text, state: "passed" }))

/** Returns the stages of a request so far; the last one is the current stage. */
export const stages = (asked: Pick<RequestView, "error" | "status">): ReadonlyArray<Stage> => {
  switch (asked.status) {
    case "pending":
      return [{ text: waiting, state: "now" }]
    case "running":
      return [...passed(waiting), { text: running, state: "now" }]
    case "completed":
      return [...passed(waiting, running), { text: "Done", state: "done" }]
    case "failed":
      return [...passed(waiting, running), { text: "Failed", state: "broken" }]
    case "timeout":
      return timedOutWaiting(asked)
        ? [...passed(waiting), { text: "Timed out waiting for the daemon", state: "broken" }]
        : [...passed(waiting, running), { text: "Timed out on the machine", state: "broken" }]
  }
}

/** The stages of a request, updated as it progresses. */
export const RequestSteps = ({ asked }: { readonly asked: Pick<RequestView, "error" | "status"> }) => (
  <ol className="way" aria-label="Request progress" aria-live="polite">
    {stages(asked).map(({ state, text }) => <li key={text} data-state={state}>{text}</li>)}
  </ol>
)

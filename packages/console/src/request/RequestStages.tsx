import { knownKinds } from "@muster/domain"
import type { Asked } from "./FollowRequest.ts"

/** One step of a request's way, as people read it. */
export interface Stage {
  readonly text: string
  readonly state: "passed" | "now" | "done" | "broken"
}

/** What records say of a request that nobody picked up in time, whatever its kind. */
const unheard: ReadonlySet<string> = new Set(knownKinds.map(({ terms }) => terms.texts.pending))

/** Whether a request that timed out was never picked up; otherwise its daemon had it and did not finish. */
export const timedOutWaiting = ({ error, status }: Pick<Asked, "error" | "status">): boolean =>
  status === "timeout" && unheard.has(error ?? "")

const waiting = "Waiting for the daemon"
const running = "Running on the machine"
const passed = (...texts: ReadonlyArray<string>): ReadonlyArray<Stage> =>
  texts.map((text) => ({ text, state: "passed" }))

/** The way of a request so far, the last one being where it is. */
export const stages = (asked: Pick<Asked, "error" | "status">): ReadonlyArray<Stage> => {
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

/** The way of a request, step by step, as it happens. */
export const RequestSteps = ({ asked }: { readonly asked: Pick<Asked, "error" | "status"> }) => (
  <ol className="way" aria-label="The way of the request" aria-live="polite">
    {stages(asked).map(({ state, text }) => <li key={text} data-state={state}>{text}</li>)}
  </ol>
)

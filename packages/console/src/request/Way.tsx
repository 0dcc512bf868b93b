import type { Asked } from "./follow.ts"
import { stages } from "./stages.ts"

/** The way of a request, step by step, as it happens. */
export const Way = ({ asked }: { readonly asked: Pick<Asked, "error" | "status"> }) => (
  <ol className="way" aria-label="The way of the request" aria-live="polite">
    {stages(asked).map(({ state, text }) => <li key={text} data-state={state}>{text}</li>)}
  </ol>
)

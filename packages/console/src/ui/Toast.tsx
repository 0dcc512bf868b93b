import { Effect } from "effect"
import { useSyncExternalStore } from "react"
import { start } from "../api/RunCall.ts"

interface ToastText {
  readonly id: number
  readonly text: string
  readonly tone: "plain" | "bad"
}

/** How long a toast is shown, and the maximum number of toasts. */
const stay = "6 seconds"
const maxToasts = 3

let shown: ReadonlyArray<ToastText> = []
let next = 0
const listeners = new Set<() => void>()

const change = (to: ReadonlyArray<ToastText>) => {
  shown = to
  for (const notify of listeners) notify()
}

/** Shows a toast with the result of an action. */
export const say = (text: string, tone: ToastText["tone"] = "plain"): void => {
  const id = next++
  change([...shown, { id, text, tone }].slice(-maxToasts))
  start(Effect.andThen(Effect.sleep(stay), Effect.sync(() => change(shown.filter((one) => one.id !== id)))))
}

const subscribe = (notify: () => void) => {
  listeners.add(notify)
  return () => void listeners.delete(notify)
}

export const Toasts = () => {
  const all = useSyncExternalStore(subscribe, () => shown)
  return (
    <div className="toasts" role="status" aria-live="polite">
      {all.map(({ id, text, tone }) => <p key={id} className={`toast ${tone}`}>{text}</p>)}
    </div>
  )
}

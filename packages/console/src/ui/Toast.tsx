import { Effect } from "effect"
import { useSyncExternalStore } from "react"

interface Said {
  readonly id: number
  readonly text: string
  readonly tone: "plain" | "bad"
}

/** How long a word stays, and how many at most. */
const stay = "6 seconds"
const most = 3

let said: ReadonlyArray<Said> = []
let next = 0
const listeners = new Set<() => void>()

const change = (to: ReadonlyArray<Said>) => {
  said = to
  for (const notify of listeners) notify()
}

/** Tells the person what became of something that they did. */
export const say = (text: string, tone: Said["tone"] = "plain"): void => {
  const id = next++
  change([...said, { id, text, tone }].slice(-most))
  Effect.runFork(Effect.andThen(Effect.sleep(stay), Effect.sync(() => change(said.filter((one) => one.id !== id)))))
}

const subscribe = (notify: () => void) => {
  listeners.add(notify)
  return () => void listeners.delete(notify)
}

export const Toasts = () => {
  const all = useSyncExternalStore(subscribe, () => said)
  return (
    <div className="toasts" role="status" aria-live="polite">
      {all.map(({ id, text, tone }) => <p key={id} className={`toast ${tone}`}>{text}</p>)}
    </div>
  )
}

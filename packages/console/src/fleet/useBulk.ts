import { Effect } from "effect"
import { useEffect, useRef, useState } from "react"
import { problemOf } from "../api/Problem.ts"

/** The maximum number of concurrent calls. */
const concurrency = 4

/** An entry of a bulk action that failed, and why. */
interface Failed<A> {
  readonly entry: A
  readonly why: string
}

export interface Progress<A> {
  readonly running: boolean
  readonly total: number
  readonly done: ReadonlyArray<A>
  readonly failed: ReadonlyArray<Failed<A>>
}

/** Does one thing after the other for many entries, some at a time. It ends with the component that uses it. */
export const useBulk = <A>() => {
  const [progress, setProgress] = useState<Progress<A>>()
  const stop = useRef(new AbortController())
  useEffect(() => {
    stop.current = new AbortController()
    return () => stop.current.abort()
  }, [])

  const run = async (entries: ReadonlyArray<A>, action: (entry: A, signal: AbortSignal) => Promise<unknown>) => {
    setProgress({ running: true, total: entries.length, done: [], failed: [] })
    const one = (entry: A) =>
      Effect.tryPromise({ try: (signal) => action(entry, signal), catch: problemOf }).pipe(
        Effect.match({
          onSuccess: () => setProgress((now) => now && { ...now, done: [...now.done, entry] }),
          onFailure: ({ message }) =>
            setProgress((now) => now && { ...now, failed: [...now.failed, { entry, why: message }] })
        })
      )
    await Effect.runPromise(Effect.forEach(entries, one, { concurrency, discard: true }), {
      signal: stop.current.signal
    }).catch(() => undefined)
    setProgress((now) => now && { ...now, running: false })
  }
  return { progress, run }
}

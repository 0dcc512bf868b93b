import { eventSilence, type WorkspaceId } from "@muster/domain"
import { useQueryClient } from "@tanstack/react-query"
import { Duration, Effect, Schedule, Stream } from "effect"
import { createContext, useContext, useEffect, useState } from "react"
import { clientOf } from "../api/Client.ts"

/** `live`: the server tells of changes. `polling`: it does not just now, so the page asks by itself. */
export type Liveness = "connecting" | "live" | "polling"

export const Live = createContext<Liveness>("connecting")

/** How often a page asks by itself, in ms: rarely while it is told, for times that no event tells. */
export const useInterval = (): number => useContext(Live) === "live" ? 15_000 : 3_000

/** A stream that was silent for this long is dead, whatever the connection says. */
const silenceTimeout = Duration.millis(eventSilence + 10_000)

/** The longest that the answers to one change hold up the next. */
const refreshTimeout = "5 seconds"

const pauses = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("10 seconds")]).pipe(Schedule.jittered)

/** Listens to the workspace's events as long as the page shows it, and lets what changed be asked for again. */
export const useLive = (workspace: WorkspaceId | undefined): Liveness => {
  const queries = useQueryClient()
  const [state, setState] = useState<Liveness>("connecting")
  useEffect(() => {
    if (workspace === undefined) return
    const refresh = Effect.promise(() => queries.invalidateQueries({ queryKey: ["in", workspace] })).pipe(
      Effect.timeoutOption(refreshTimeout)
    )
    const listen = clientOf(workspace).events.watch({ query: {} }).pipe(
      Effect.flatMap((events) =>
        events.pipe(
          Stream.timeout(silenceTimeout),
          Stream.filter(({ type }) => type !== "idle"),
          // What happened before the stream listened is asked for too.
          Stream.tap(() => Effect.sync(() => setState("live"))),
          // Changes that come while answers are under way are one, asked for after them: no answer is put off for ever.
          Stream.buffer({ capacity: 1, strategy: "sliding" }),
          Stream.runForEach(() => refresh)
        )
      ),
      Effect.ensuring(Effect.sync(() => setState("polling"))),
      Effect.ignore,
      Effect.andThen(Effect.fail("over" as const)),
      Effect.retry(pauses)
    )
    let stop: AbortController | undefined
    // A page that nobody looks at does not listen: browsers keep few connections to one server for all their pages.
    const follow = () => {
      stop?.abort()
      stop = undefined
      if (document.hidden) return
      stop = new AbortController()
      Effect.runPromise(listen, { signal: stop.signal }).catch(() => undefined)
    }
    follow()
    document.addEventListener("visibilitychange", follow)
    return () => {
      document.removeEventListener("visibilitychange", follow)
      stop?.abort()
    }
  }, [queries, workspace])
  return state
}

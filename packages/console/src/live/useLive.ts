import { Api, type Identity } from "@muster/domain"
import { useQueryClient } from "@tanstack/react-query"
import { Duration, Effect, Schedule, Stream } from "effect"
import { createContext, useContext, useEffect, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { start } from "../api/RunCall.ts"

/** `live`: the server sends events. `polling`: there are no events at the moment, so the page polls. */
export type Liveness = "connecting" | "live" | "polling"

export const Live = createContext<Liveness>("connecting")

/** The polling interval, in ms. It is long while events arrive: only times, such as "last seen", have no events. */
export const useInterval = (): number => useContext(Live) === "live" ? 15_000 : 3_000

/** A stream without data for this long is considered dead. */
const silenceTimeout = Duration.millis(Api.eventSilence + 10_000)

/** The maximum time for which the refetch of one change delays the next. */
const refreshTimeout = "5 seconds"

const pauses = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("10 seconds")]).pipe(Schedule.jittered)

/** Subscribes to the workspace's events while the page shows it, and refetches what changed. */
export const useLive = (workspace: Identity.WorkspaceId | undefined): Liveness => {
  const queries = useQueryClient()
  const [state, setState] = useState<Liveness>("connecting")
  useEffect(() => {
    if (workspace === undefined) return
    const refresh = Effect.promise(() => queries.invalidateQueries({ queryKey: ["in", workspace] })).pipe(
      Effect.timeoutOption(refreshTimeout),
      Effect.timed,
      // However many changes there are, at most a third of the time goes into refetches.
      Effect.flatMap(([took]) => Effect.sleep(Duration.times(took, 2)))
    )
    const listen = clientOf(workspace).events.watch({ query: {} }).pipe(
      Effect.flatMap((events) =>
        events.pipe(
          Stream.timeout(silenceTimeout),
          Stream.filter(({ type }) => type !== "idle"),
          // The first event also refetches what changed before the stream was open.
          Stream.tap(() => Effect.sync(() => setState("live"))),
          // Changes during a refetch are merged into one refetch after it, so that every refetch completes.
          Stream.buffer({ capacity: 1, strategy: "sliding" }),
          Stream.runForEach(() => refresh)
        )
      ),
      Effect.ensuring(Effect.sync(() => setState("polling"))),
      Effect.ignore,
      Effect.andThen(Effect.fail("over" as const)),
      Effect.retry(pauses)
    )
    let stop: (() => void) | undefined
    // A hidden page has no stream: browsers allow few connections per server for all pages together.
    const follow = () => {
      stop?.()
      stop = document.hidden ? undefined : start(listen)
    }
    follow()
    document.addEventListener("visibilitychange", follow)
    return () => {
      document.removeEventListener("visibilitychange", follow)
      stop?.()
    }
  }, [queries, workspace])
  return state
}

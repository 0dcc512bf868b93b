import type { DaemonSnapshot, DaemonStatus } from "@muster/daemon"
import { Clock, Config, Effect, Option } from "effect"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"

/** Telling the supervisor something takes no longer. */
const timeout = "5 seconds"

/** The watchdog is not fed more often than this, in ms: each time costs a small process. */
const slowest = 10_000

/**
 * Whether a daemon does what it is for: the server answered a beat of one of its runtimes within `window` ms. One without
 * runtimes has nothing to beat for, and one that has just begun has as long.
 */
export const beatsSucceed = (
  { runtimes }: Pick<DaemonSnapshot, "runtimes">,
  window: number,
  now: number,
  startedAt: number
): boolean => runtimes.length === 0 || runtimes.some(({ lastBeatAt }) => now - (lastBeatAt ?? startedAt) <= window)

const variable = (name: string) => Config.option(Config.NonEmptyString(name))

/** Says a word to systemd. Node has no datagrams of the local kind, so systemd's own program says it. */
const notify = Effect.fnUntraced(
  function*(word: string) {
    const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
    yield* spawner.exitCode(ChildProcess.make("systemd-notify", [word], { stdin: "ignore" })).pipe(
      Effect.timeout(timeout)
    )
  },
  (effect, word) =>
    effect.pipe(Effect.catch((error) => Effect.logDebug(`systemd was not told ${word}: ${String(error)}`)))
)

/**
 * Where systemd started the daemon: tells it once the first registrations are over, and feeds its watchdog for as long as
 * beats succeed, so that a daemon which lives but does not serve is started anew. Nothing elsewhere.
 */
export const tellSupervisor = Effect.fnUntraced(function*(status: DaemonStatus["Service"]) {
  if (Option.isNone(yield* Effect.orElseSucceed(variable("NOTIFY_SOCKET"), Option.none))) return
  const startedAt = yield* Clock.currentTimeMillis
  yield* status.awaitReady
  yield* notify("READY=1")
  const limit = Number(Option.getOrElse(yield* Effect.orElseSucceed(variable("WATCHDOG_USEC"), Option.none), () => "0"))
  const window = limit / 1_000
  if (!(window > 0)) return
  return yield* Effect.gen(function*() {
    const fed = beatsSucceed(yield* status.snapshot, window, yield* Clock.currentTimeMillis, startedAt)
    if (fed) yield* notify("WATCHDOG=1")
    yield* Effect.sleep(Math.max(window / 3, Math.min(slowest, window / 2)))
  }).pipe(Effect.forever)
})

import type { DaemonSnapshot, DaemonStatus } from "@muster/daemon"
import { Clock, Config, Effect, Option } from "effect"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"

/** The timeout of a notification to the supervisor. */
const timeout = "5 seconds"

/** The minimum interval of watchdog notifications, in ms: each starts a process. */
const minInterval = 10_000

/**
 * Whether the daemon works: the server answered a heartbeat of one of its runtimes within the last `window` ms, counted from
 * the start if there was none. True for a daemon without runtimes.
 */
export const beatsSucceed = (
  { runtimes }: Pick<DaemonSnapshot, "runtimes">,
  window: number,
  now: number,
  startedAt: number
): boolean => runtimes.length === 0 || runtimes.some(({ lastBeatAt }) => now - (lastBeatAt ?? startedAt) <= window)

const variable = (name: string) => Config.option(Config.NonEmptyString(name))

/** Sends a notification to systemd. Uses `systemd-notify`, since Node has no Unix datagram sockets. */
const notify = Effect.fnUntraced(
  function*(state: string) {
    const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
    yield* spawner.exitCode(ChildProcess.make("systemd-notify", [state], { stdin: "ignore" })).pipe(
      Effect.timeout(timeout)
    )
  },
  (effect, state) =>
    effect.pipe(Effect.catch((error) => Effect.logDebug(`cannot notify systemd of ${state}: ${String(error)}`)))
)

/**
 * Notifies systemd, if it started the daemon, once the first registrations are done, and then its watchdog while heartbeats
 * succeed. systemd restarts a daemon that runs but does not work.
 */
export const notifySupervisor = Effect.fnUntraced(function*(status: DaemonStatus["Service"]) {
  if (Option.isNone(yield* Effect.orElseSucceed(variable("NOTIFY_SOCKET"), Option.none))) return
  const startedAt = yield* Clock.currentTimeMillis
  yield* status.awaitReady
  yield* notify("READY=1")
  const limit = Number(Option.getOrElse(yield* Effect.orElseSucceed(variable("WATCHDOG_USEC"), Option.none), () => "0"))
  const window = limit / 1_000
  if (!(window > 0)) return
  return yield* Effect.gen(function*() {
    const isWorking = beatsSucceed(yield* status.snapshot, window, yield* Clock.currentTimeMillis, startedAt)
    if (isWorking) yield* notify("WATCHDOG=1")
    yield* Effect.sleep(Math.max(window / 3, Math.min(minInterval, window / 2)))
  }).pipe(Effect.forever)
})

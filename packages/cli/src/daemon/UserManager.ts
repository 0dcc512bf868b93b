import { Config, Effect, Stream } from "effect"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import { Failure } from "../failure/Failure.ts"

/** systemctl answers within milliseconds, or waits for a bus that does not respond. */
const timeout = "5 seconds"

/** The maximum characters of systemctl's error message that are shown. */
const maxCharacters = 200

const variable = (name: string, whenUnset: string) => Effect.orElseSucceed(Config.NonEmptyString(name), () => whenUnset)

/** Returns why systemd's user manager does not answer; undefined if it does. */
const userManagerProblem = Effect.gen(function*() {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const env = {
    PATH: yield* variable("PATH", "/usr/local/bin:/usr/bin:/bin"),
    HOME: yield* variable("HOME", "/"),
    XDG_RUNTIME_DIR: yield* variable("XDG_RUNTIME_DIR", `/run/user/${process.getuid?.() ?? 0}`),
    LC_ALL: "C"
  }
  const child = yield* spawner.spawn(ChildProcess.make("systemctl", ["--user", "show-environment"], {
    env,
    extendEnv: false,
    stdin: "ignore"
  }))
  const [message, code] = yield* Effect.all([Stream.mkString(Stream.decodeText(child.stderr)), child.exitCode], {
    concurrency: "unbounded"
  })
  return Number(code) === 0 ? undefined : message.trim().split("\n")[0]!.slice(0, maxCharacters) || `exit code ${code}`
}).pipe(
  Effect.scoped,
  Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.succeed("it does not answer within 5 seconds") }),
  Effect.orElseSucceed(() => "systemctl cannot be started")
)

/**
 * Fails if a user service could not start: over SSH without a session, in a container, or without systemd. The failure
 * names the alternatives: linger, a system unit, or a background daemon.
 */
export const requireUserManager = Effect.flatMap(
  userManagerProblem,
  (why) =>
    why === undefined ? Effect.void : new Failure({
      class: "cannotStart",
      code: "no_user_manager",
      sentence: `a user service cannot run here: systemd's user manager does not answer (${why})`,
      next: "enable linger: sudo loginctl enable-linger \"$USER\", then log in again; or install a system service: "
        + "muster daemon install --system-unit | sudo tee /etc/systemd/system/muster-daemon.service; without systemd: "
        + "muster daemon start"
    })
)

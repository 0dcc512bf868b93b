import { Config, Effect, Stream } from "effect"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import { Failure } from "../failure/Failure.ts"

/** systemctl answers within milliseconds, or waits for a bus that does not. */
const timeout = "5 seconds"

/** The most characters of systemctl's complaint that a person is shown. */
const maxCharacters = 200

const variable = (name: string, whenUnset: string) => Effect.orElseSucceed(Config.NonEmptyString(name), () => whenUnset)

/** Why systemd's manager of this user's services does not answer; undefined where it does. */
const complaint = Effect.gen(function*() {
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
  const [said, code] = yield* Effect.all([Stream.mkString(Stream.decodeText(child.stderr)), child.exitCode], {
    concurrency: "unbounded"
  })
  return Number(code) === 0 ? undefined : said.trim().split("\n")[0]!.slice(0, maxCharacters) || `exit code ${code}`
}).pipe(
  Effect.scoped,
  Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.succeed("it does not answer within 5 seconds") }),
  Effect.orElseSucceed(() => "systemctl cannot be started")
)

/**
 * Fails where a user service could not start: over SSH without a session, in a container, or where systemd does not run.
 * The way out is a manager that lasts (linger), or a unit of the system.
 */
export const requireUserManager = Effect.flatMap(complaint, (why) =>
  why === undefined ? Effect.void : new Failure({
    class: "cannotStart",
    code: "no_user_manager",
    sentence: `a user service cannot run here: systemd's user manager does not answer (${why})`,
    next:
      "let it run without a login: sudo loginctl enable-linger \"$USER\", then sign in again; or use the system's manager: "
      + "muster daemon install --system-unit | sudo tee /etc/systemd/system/muster-daemon.service; without systemd: "
      + "muster daemon start"
  }))

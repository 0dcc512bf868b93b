import { Clock, Context, Effect } from "effect"
import { delimiter, dirname, isAbsolute, join } from "node:path"
import { run } from "../process/Run.ts"

/** The timeout of one check of files, and how long a folder that did not answer is skipped, in ms. */
const timeout = "5 seconds"
const pause = 600_000

/** The maximum number of folders that may hang in one check: each costs 5 s. */
const maxHangs = 4

/** The shell that checks files, and the folders that did not answer with the time until which they are skipped (epoch ms). */
export const Looking = Context.Reference("@muster/daemon/discovery/Looking", {
  defaultValue: () => ({ shell: "/bin/sh", hung: new Map<string, number>() })
})

/** Returns for each path, in order, whether it is a file that this user may run. */
const script = "for path; do if [ -f \"$path\" ] && [ -x \"$path\" ]; then echo yes; else echo no; fi; done"

/** Returns the shell's results for these paths, up to a path at which it hangs; a shell that hangs is killed. */
const ask = (shell: string, paths: ReadonlyArray<string>) =>
  run(shell, ["-c", script, "sh", ...paths], { env: {}, cwd: "/", timeout: timeout }).pipe(
    Effect.map(({ stdout, timedOut }) => ({ answers: stdout.split("\n").slice(0, -1), timedOut })),
    Effect.orElseSucceed(() => ({ answers: [], timedOut: false }))
  )

const look = Effect.fnUntraced(
  function*(
    paths: ReadonlyArray<string>,
    hangs: number
  ): Effect.fn.Return<ReadonlyArray<string>> {
    const { hung, shell } = yield* Looking
    const now = yield* Clock.currentTimeMillis
    for (const [folder, until] of hung) if (until <= now) hung.delete(folder)
    const open = paths.filter((path) => !hung.has(dirname(path)))
    if (open.length === 0 || hangs === maxHangs) return []
    const { answers, timedOut } = yield* ask(shell, open)
    const found = open.filter((_, i) => answers[i] === "yes")
    if (!timedOut || answers.length === open.length) return found
    const folder = dirname(open[answers.length]!)
    hung.set(folder, now + pause)
    yield* Effect.logWarning("a folder of executables did not answer within 5 s; skipping it for 10 min").pipe(
      Effect.annotateLogs({ folder })
    )
    return [...found, ...yield* look(open.slice(answers.length), hangs + 1)]
  }
)

/**
 * Returns those of these absolute paths that are files which this user may run. A shell checks them, since it can be killed if
 * a disk does not answer: Node would block one of the four threads that files and DNS share. A folder that does not answer
 * within 5 s is skipped for 10 min.
 */
export const executablesAmong = (paths: ReadonlyArray<string>): Effect.Effect<ReadonlySet<string>> =>
  Effect.map(look(paths, 0), (found) => new Set(found))

/** Returns whether `path` is a file that this user may run. */
export const isExecutable = (path: string): Effect.Effect<boolean> =>
  Effect.map(executablesAmong([path]), (found) => found.has(path))

/** Returns where `command` may be: in the absolute folders of a PATH. A relative folder depends on the working directory. */
export const candidates = (command: string, path: string | undefined): ReadonlyArray<string> =>
  (path ?? "").split(delimiter).filter((folder) => isAbsolute(folder)).map((folder) => join(folder, command))

/** Returns the first executable named `command` in the absolute folders of a PATH. */
export const onPath = (command: string, path: string | undefined): Effect.Effect<string | undefined> => {
  const all = candidates(command, path)
  return Effect.map(executablesAmong(all), (found) => all.find((one) => found.has(one)))
}

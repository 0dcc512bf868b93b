import { Option } from "effect"
import { isSea } from "node:sea"
import { mainFile } from "../MainFile.ts"

/** The command that runs this CLI again, independent of PATH: this Node and this program, or the one executable. */
export const ownProgram: readonly [string, ...ReadonlyArray<string>] = isSea()
  ? [process.execPath]
  : [process.execPath, mainFile]

/** The flags that are passed on to a background daemon. */
export interface DaemonFlags {
  readonly name: Option.Option<string>
  readonly localPort: Option.Option<number>
  readonly drainTasks: Option.Option<number>
}

/** Returns the arguments of `muster` that start the daemon. Paths are absolute. */
export const daemonArguments = (dataDir: string, logFile: string, { drainTasks, localPort, name }: DaemonFlags) => [
  "daemon",
  "--data",
  dataDir,
  "--log-format",
  "logfmt",
  "--log-file",
  logFile,
  ...Option.match(name, { onNone: () => [], onSome: (name) => ["--name", name] }),
  ...Option.match(localPort, { onNone: () => [], onSome: (port) => ["--local-port", String(port)] }),
  ...Option.match(drainTasks, { onNone: () => [], onSome: (seconds) => ["--drain-tasks", String(seconds)] })
]

import { Option } from "effect"
import { fileURLToPath } from "node:url"

/** This Node and this CLI: what runs `muster` again, whatever the PATH says then. */
export const ownProgram: ReadonlyArray<string> = [
  process.execPath,
  fileURLToPath(new URL("../main.ts", import.meta.url))
]

/** What a daemon in the background is started with. */
export interface DaemonFlags {
  readonly name: Option.Option<string>
  readonly localPort: Option.Option<number>
}

/** Its command line after `muster`; folders are absolute. */
export const daemonArguments = (dataDir: string, logFile: string, { localPort, name }: DaemonFlags) => [
  "daemon",
  "--data",
  dataDir,
  "--log-format",
  "logfmt",
  "--log-file",
  logFile,
  ...Option.match(name, { onNone: () => [], onSome: (name) => ["--name", name] }),
  ...Option.match(localPort, { onNone: () => [], onSome: (port) => ["--local-port", String(port)] })
]

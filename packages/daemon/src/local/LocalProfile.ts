import { basename, resolve } from "node:path"

/** Which of the daemons that one machine may have this is: its data folder. */
export interface LocalProfile {
  /** Absolute. */
  readonly folder: string
  /** Empty for the default profile. */
  readonly name: string
  /** Where a tool of v0.3.1 looks for it. Source: `docs/protocol.md` 14. */
  readonly port: number
}

const defaultFolder = ".muster"
const defaultPort = 19_514

const portOf = (name: string) => defaultPort + 1 + (Buffer.from(name).reduce((sum, byte) => sum + byte, 0) % 1_000)

/** `~/.muster` is the default profile; any other folder is a profile of its own, called as the folder is. */
export const localProfile = (dataDir: string): LocalProfile => {
  const folder = resolve(dataDir)
  const name = basename(folder) === defaultFolder ? "" : basename(folder)
  return { folder, name, port: name === "" ? defaultPort : portOf(name) }
}

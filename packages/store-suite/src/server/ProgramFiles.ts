import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

/** Folders of servers' programs that are not on PATH; Debian's is not on an ordinary user's PATH. */
export const serverFolders: ReadonlyArray<string> = [
  "/usr/sbin",
  "/usr/bin",
  "/usr/local/bin",
  "/usr/local/sbin",
  "/opt/homebrew/bin"
]

export const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The folders of PATH. */
export const pathFolders = (): ReadonlyArray<string> =>
  (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "")

/** A program as an absolute path: the first on PATH, else in one of these folders; undefined: it is not there. */
export const programFile = (name: string, folders: ReadonlyArray<string>): string | undefined =>
  [...pathFolders(), ...folders].map((folder) => join(folder, name)).find(isProgram)

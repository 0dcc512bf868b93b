import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

/** Folders of the program besides PATH, as in `scripts/chromium.mjs`. */
const usual = ["/usr/bin", "/usr/local/bin", "/snap/bin"]

const isProgram = (path: string) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The Chromium that the tests drive. */
export const chromiumProgram = (): string => {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...usual]
  const found = process.env["MUSTER_TEST_CHROMIUM"] ??
    folders.map((folder) => join(folder, "chromium")).find(isProgram)
  if (found === undefined) {
    throw new Error("there is no chromium on PATH; `npm test` installs it where that can be done")
  }
  return found
}

import { programFile } from "../server/ProgramFiles.ts"

/** Folders of the program besides PATH, as in `scripts/chromium.mjs`. */
const usual = ["/usr/bin", "/usr/local/bin", "/snap/bin"]

/** The Chromium that the tests drive. */
export const chromiumProgram = (): string => {
  const found = process.env["MUSTER_TEST_CHROMIUM"] ?? programFile("chromium", usual)
  if (found === undefined) {
    throw new Error("there is no chromium on PATH; `npm test` installs it where that can be done")
  }
  return found
}

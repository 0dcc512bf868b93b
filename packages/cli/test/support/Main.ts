import { fileURLToPath } from "node:url"

/** The sources of the program. */
export const sources: string = fileURLToPath(new URL("../../src/main.ts", import.meta.url))

/** The program that tests start: the build that `npm test` made for a whole run, or the sources. */
export const main: string = process.env["MUSTER_TEST_MAIN"] ?? sources

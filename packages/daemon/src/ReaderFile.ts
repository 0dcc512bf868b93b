import { extname } from "node:path"
import { fileURLToPath } from "node:url"

/** The program of a reader: `ReaderMain.ts` of a checkout, `ReaderMain.js` of a built package. Both are next to this module. */
export const readerFile: string = fileURLToPath(new URL(`./ReaderMain${extname(import.meta.url)}`, import.meta.url))

import { extname } from "node:path"
import { fileURLToPath } from "node:url"

/** The file that starts this CLI: `main.ts` of a checkout, `main.js` of a built package. Both are next to this module. */
export const mainFile: string = fileURLToPath(new URL(`./main${extname(import.meta.url)}`, import.meta.url))

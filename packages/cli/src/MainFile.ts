import { extname } from "node:path"
import { fileURLToPath } from "node:url"

/** The file that starts this CLI: `main.ts` of a checkout, `main.js` of a built package. Both are next to this module. */
export const mainFile: string = fileURLToPath(new URL(`./main${extname(import.meta.url)}`, import.meta.url))

/** Whether this is a built package, not a checkout. */
export const isBuilt: boolean = extname(mainFile) === ".js"

/** What a person types to start a server on this machine. */
export const startCommand: string = isBuilt ? "muster dev" : "npm start"

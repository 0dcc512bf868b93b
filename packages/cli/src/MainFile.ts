import { existsSync } from "node:fs"
import { dirname, extname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The file that starts this CLI: `main.ts` of a checkout, `main.js` of a built package. Both are next to this module. */
export const mainFile: string = fileURLToPath(new URL(`./main${extname(import.meta.url)}`, import.meta.url))

/** Whether this is a build, not the sources. */
export const isBuilt: boolean = extname(mainFile) === ".js"

/** What a person types to start a server on this machine: in a checkout, which has the sources, also those of a build. */
export const startCommand: string = existsSync(join(dirname(mainFile), "..", "src", "main.ts"))
  ? "npm start"
  : "muster dev"

import { fileURLToPath } from "node:url"

/** Where the built console lies, for the server that serves it. `npm run build` makes it. */
export const consoleFolder = fileURLToPath(new URL("../dist", import.meta.url))

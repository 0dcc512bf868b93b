import { fileURLToPath } from "node:url"

/** The folder of the built console, for the server that serves it. `npm run build` creates it. */
export const consoleFolder = fileURLToPath(new URL("../dist", import.meta.url))

import { fileURLToPath } from "node:url"

/**
 * The folder of the built console, for the server that serves it. `npm run build` creates it here, and copies it into the
 * packages whose bundle contains this module: `dist/pages` is next to `src` here and contains the pages there.
 */
export const consoleFolder = fileURLToPath(new URL("../dist/pages", import.meta.url))

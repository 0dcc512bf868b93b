import { fileURLToPath } from "node:url"

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** In a checkout: the folder of an empty database that the installation made. */
export const templateFolder: string = file("../node_modules/.cache/database")

/** In a published package: an archive of such a folder, with the tables of this release. `dist` is next to `src`, and this module is in one of the two. */
export const templateArchive: string = file("../dist/database.zst")

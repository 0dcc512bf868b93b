import { fileURLToPath } from "node:url"

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** In a checkout: an archive of an empty database that the installation made. */
export const installedArchive: string = file("../node_modules/.cache/database.zst")

/** In a published package: an archive of one with the tables of this release. `dist` is next to `src`, and this module is in one of the two. */
export const packagedArchive: string = file("../dist/database.zst")

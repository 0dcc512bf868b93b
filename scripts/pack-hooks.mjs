// Hooks of pnpm for `npm run pack`: a published package does not depend on what its bundle contains.
import { basename } from "node:path"
import { dependenciesOf, manifestOf, nameOf, published } from "./packages.mjs"

export const hooks = {
  beforePacking: (manifest, folder) => {
    const found = published.find((one) => one.folder === basename(folder))
    if (found === undefined) throw new Error(`${folder} is not in scripts/packages.mjs`)
    const packed = {
      ...manifest,
      name: nameOf(manifestOf(found.folder)),
      dependencies: dependenciesOf(found, manifest.dependencies)
    }
    delete packed.devDependencies
    return packed
  }
}

import { Effect } from "effect"
import { FileSystem } from "effect/FileSystem"
import { createHash } from "node:crypto"

/** Where Linux keeps the id of an installation; containers often have none. */
const file = "/etc/machine-id"

/**
 * A mark of this machine that a copied data folder lacks: a hash of its id, which itself is not to be shown. Undefined
 * where the system keeps none. Clones of a virtual machine that kept its id have the same mark.
 */
export const machineMark = (from: string = file) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem
    const id = (yield* Effect.orElseSucceed(fs.readFileString(from), () => "")).trim()
    if (!/^[0-9a-f]{32}$/.test(id)) return undefined
    return createHash("sha256").update(`muster ${id}`).digest("hex").slice(0, 16)
  })

import { Effect } from "effect"
import { FileSystem } from "effect/FileSystem"
import { createHash } from "node:crypto"

/** Where Linux keeps the id of an installation; containers often have none. */
const file = "/etc/machine-id"

/**
 * Returns a hash of this machine's id, which a copied data folder does not have; the id itself is private. Undefined if the
 * system has no id. Clones of a virtual machine with the same id have the same hash.
 */
export const machineMark = (from: string = file) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem
    const id = (yield* Effect.orElseSucceed(fs.readFileString(from), () => "")).trim()
    if (!/^[0-9a-f]{32}$/.test(id)) return undefined
    return createHash("sha256").update(`muster ${id}`).digest("hex").slice(0, 16)
  })

/**
 * The fingerprint of this machine for a server, as 64 hex digits: a hash of its mark. A credential that was copied to
 * another machine comes with another one.
 */
export const fingerprintOf = (mark: string): string =>
  createHash("sha256").update(`muster machine ${mark}`).digest("hex")

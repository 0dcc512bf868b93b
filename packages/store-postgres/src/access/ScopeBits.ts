import { Scope } from "@muster/domain"
import { Schema, SchemaTransformation } from "effect"

/** The bit of each scope. A new scope takes the next bit, which existing tokens do not have. */
const bits: Readonly<Record<Scope.Scope, number>> = { read: 1, ask: 2, run: 4, admin: 8 }

/** Scopes as one number: the scopes that all tokens of a line have are then one `bit_and`. */
export const bitsOf = (scopes: ReadonlyArray<Scope.Scope>): number =>
  scopes.reduce((sum, scope) => sum | bits[scope], 0)

/** The column `scopes`. Bits of scopes that only a newer server knows are left out. */
export const ScopeBits = Schema.Finite.pipe(
  Schema.decodeTo(
    Schema.Array(Scope.Scope),
    SchemaTransformation.transform<ReadonlyArray<Scope.Scope>, number>({
      decode: (given) => Scope.all.filter((scope) => (given & bits[scope]) !== 0),
      encode: bitsOf
    })
  )
)

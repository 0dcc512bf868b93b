import { PgTypes } from "@effect/sql-pg"
import { Result, String } from "effect"

const int8: PgTypes.Codec<number | bigint> = {
  encode: (value) => {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigInt64(0, BigInt(value))
    return Result.succeed(bytes)
  },
  decode: (bytes) => Result.succeed(Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0)))
}

const types = PgTypes.makeRegistry()
types.register(PgTypes.OID.int8, int8)

/**
 * The codecs of both clients: `snake_case` in tables and `camelCase` in rows, JSON values unchanged, and `bigint`
 * columns as numbers. They hold epoch milliseconds, which a number holds exactly.
 */
export const codecs = {
  types,
  transformQueryNames: String.camelToSnake,
  transformResultNames: String.snakeToCamel,
  transformJson: false
}

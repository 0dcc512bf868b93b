import { Schema, SchemaTransformation } from "effect"

const parse = (text: string) => Date.parse(text)

/** Epoch ms as RFC 3339 in UTC with whole seconds: the times of rows. Reads any RFC 3339 text. */
export const RowTime = Schema.String.pipe(
  Schema.decodeTo(
    Schema.Finite,
    SchemaTransformation.transform({
      decode: parse,
      encode: (ms) => `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`
    })
  )
)

/** Epoch ms as RFC 3339 in UTC with milliseconds: the times of requests. Reads any RFC 3339 text. */
export const RequestTime = Schema.String.pipe(
  Schema.decodeTo(
    Schema.Finite,
    SchemaTransformation.transform({ decode: parse, encode: (ms) => new Date(ms).toISOString() })
  )
)

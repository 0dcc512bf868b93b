import { Schema, String } from "effect"

type Snake<S extends string> = S extends `${infer Head}${infer Tail}`
  ? Head extends Lowercase<Head> ? `${Head}${Snake<Tail>}` : `_${Lowercase<Head>}${Snake<Tail>}`
  : S
type SnakeKeys<Fields> = { readonly [Key in keyof Fields]: Key extends string ? Snake<Key> : never }

/** The same struct with snake_case keys on the wire. Keys in snake_case already stay as they are. */
export const snakeKeys = <S extends Schema.Constraint & { readonly fields: Schema.Struct.Fields }>(self: S) => {
  const mapping: Record<string, string> = {}
  for (const key of Object.keys(self.fields)) mapping[key] = String.camelToSnake(key)
  return Schema.encodeKeys<S, SnakeKeys<S["fields"]>>(mapping as SnakeKeys<S["fields"]>)(self)
}

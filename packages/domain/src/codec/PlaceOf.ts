import { type SchemaIssue, String as Text } from "effect"

/** A record with any keys. */
const keyText = (key: PropertyKey) =>
  typeof key === "number" ? `[${key}]` : `.${Text.camelToSnake(String(key)).slice(0, 64)}`

/** The first leaf of an issue, and the keys that lead to it. */
const firstLeaf = (issue: SchemaIssue.Issue) => {
  const keys: Array<PropertyKey> = []
  let at = issue
  let expected: string | undefined
  let refusal: unknown
  for (;;) {
    if (at._tag === "Pointer") keys.push(...at.path)
    if (at._tag === "Filter") {
      expected ??= at.filter.annotations?.expected
      refusal ??= at.filter.annotations?.["refusal"]
    }
    const next: SchemaIssue.Issue | undefined = "issues" in at ? at.issues[0] : "issue" in at ? at.issue : undefined
    if (next === undefined) return { keys, expected, refusal, missing: at._tag === "MissingKey" }
    at = next
  }
}

const placeOf = (keys: ReadonlyArray<PropertyKey>) =>
  keys.length === 0 ? "it" : keys.map(keyText).join("").replace(/^\./, "")

/**
 * The sentence for a value that a bound of `BoundedText` refused: `name must be at most 256 characters`. Undefined:
 * something else was refused.
 */
export const refusedBound = (issue: SchemaIssue.Issue): string | undefined => {
  const { keys, refusal } = firstLeaf(issue)
  return typeof refusal === "string" ? `${placeOf(keys)} ${refusal}` : undefined
}

/**
 * The first thing that a schema refused, in a few words that name the place and never the value: `id is missing`,
 * `models[3].id has a value that is not accepted`, `label must be a value with a length of at most 512`.
 */
export const refusedPlace = (issue: SchemaIssue.Issue): string => {
  const { expected, keys, missing } = firstLeaf(issue)
  const place = placeOf(keys)
  if (missing) return `${place} is missing`
  return expected === undefined ? `${place} has a value that is not accepted` : `${place} must be ${expected}`
}

import type { SchemaIssue } from "effect"

/** Keys are as their sender likes. */
const keyText = (key: PropertyKey) => typeof key === "number" ? `[${key}]` : `.${String(key).slice(0, 64)}`

/** The first place that a schema refused, such as `models[3].id`; `the body` for the whole. Never the value itself. */
export const placeOf = (issue: SchemaIssue.Issue): string => {
  const keys: Array<PropertyKey> = []
  let at: SchemaIssue.Issue | undefined = issue
  while (at !== undefined) {
    if (at._tag === "Pointer") keys.push(...at.path)
    at = "issues" in at ? at.issues[0] : "issue" in at ? at.issue : undefined
  }
  return keys.length === 0 ? "the body" : keys.map(keyText).join("").replace(/^\./, "")
}

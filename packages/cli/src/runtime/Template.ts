import { Effect, Predicate } from "effect"
import { Failure } from "../failure/Failure.ts"
import { printable } from "../output/Text.ts"

const place = /\{([^{}]*)\}/g

const escapes: Readonly<Record<string, string>> = { "\\n": "\n", "\\t": "\t" }

const at = (document: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => Predicate.hasProperty(value, key) ? value[key] : undefined, document)

const textOf = (value: unknown): string =>
  value === null || value === undefined
    ? ""
    : typeof value === "string"
    ? value
    : typeof value === "object"
    ? JSON.stringify(value)
    : String(value)

/**
 * Returns a function that fills a template such as `{id} {metadata.version}` with the fields of a document, and the escapes
 * `\n` and `\t`. Fails for a field that is not in `fields`. Absent values are empty.
 */
export const template = (text: string, fields: ReadonlyArray<string>) => {
  const unknown = [...text.matchAll(place)].map(([, path = ""]) => path.trim())
    .find((path) => !fields.includes(path.split(".")[0]!))
  return unknown === undefined
    ? Effect.succeed((document: unknown): string =>
      text.replace(/\\[nt]/g, (one) => escapes[one]!)
        .replace(place, (_, path: string) => printable(textOf(at(document, path.trim()))))
    )
    : Effect.fail(
      new Failure({
        class: "usage",
        code: "usage",
        sentence: `--format has no field "${printable(unknown)}"`,
        next: `use these fields: ${fields.join(", ")}`
      })
    )
}

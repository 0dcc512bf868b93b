import { Effect } from "effect"
import { Failure } from "../failure/Failure.ts"
import { printable } from "../output/Text.ts"

/** The minimum length of an id's prefix: shorter ones match by chance. */
const minPrefixLength = 4

/** How many matches a failure lists. */
const maxListed = 5

interface Named {
  readonly id: string
  readonly name: string
}

/** A kind of thing that people name on the command line. */
interface Kind<A> {
  /** In one word, such as `member`; also the first part of the failures' codes. */
  readonly word: string
  /** The command that lists them. */
  readonly list: string
  /** Where they were looked for, for the failure: `in the workspace`. */
  readonly where?: string
  /** Another name that a person can use, such as an e-mail address; in lower case. */
  readonly alias?: (one: A) => string | null
}

/** Finds one by id, alias, name or the first characters of its id, in this order. Several matches fail with their ids. */
export const findNamed = <A extends Named>(
  kind: Kind<A>,
  all: ReadonlyArray<A>,
  asked: string
): Effect.Effect<A, Failure> => {
  const text = asked.trim().toLowerCase()
  const matchers: ReadonlyArray<(one: A) => boolean> = [
    ({ id }) => id === text,
    (one) => kind.alias?.(one) === text,
    ({ name }) => name.toLowerCase() === text,
    ({ id }) => text.length >= minPrefixLength && id.startsWith(text)
  ]
  const matches = matchers.map((isMatch) => all.filter(isMatch)).find((found) => found.length > 0) ?? []
  if (matches.length === 1) return Effect.succeed(matches[0]!)
  if (matches.length === 0) {
    return Effect.fail(
      new Failure({
        class: "notFound",
        code: `${kind.word}_not_found`,
        sentence: `there is no ${kind.word} "${printable(asked)}"${kind.where === undefined ? "" : ` ${kind.where}`}`,
        next: `list them: ${kind.list}`
      })
    )
  }
  const listed = matches.slice(0, maxListed).map(({ id, name }) => `${printable(name)} (${id.slice(0, 8)})`).join(", ")
  return Effect.fail(
    new Failure({
      class: "usage",
      code: `ambiguous_${kind.word}`,
      sentence: `"${printable(asked)}" matches ${matches.length} ${kind.word}s: ${listed}`,
      next: `choose one by its id, for example: ${matches[0]!.id.slice(0, 8)}`
    })
  )
}

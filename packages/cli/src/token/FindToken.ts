import type { Api } from "@muster/domain"
import { Effect } from "effect"
import { Failure } from "../failure/Failure.ts"
import { printable } from "../output/Text.ts"

export type TokenRow = typeof Api.TokenRecord.Type

/** The minimum length of an id's prefix. */
const minPrefixLength = 4

const maxListed = 5

const unknown = (asked: string) =>
  new Failure({
    class: "notFound",
    code: "token_not_found",
    sentence: `you have no token "${printable(asked)}"`,
    next: "list them: muster token list"
  })

const ambiguous = (asked: string, matches: ReadonlyArray<TokenRow>) => {
  const named = matches.slice(0, maxListed).map(({ id, name }) => `${printable(name)} (${id})`).join(", ")
  const more = matches.length > maxListed ? ` and ${matches.length - maxListed} more` : ""
  return new Failure({
    class: "usage",
    code: "ambiguous_token",
    sentence: `"${printable(asked)}" matches ${matches.length} tokens: ${named}${more}`,
    next: "use its id",
    details: { candidates: matches.map(({ id, name }) => ({ id, name })) }
  })
}

/** Finds a token by id, by what its secret begins with, by name, or by the first characters of its id, in this order. */
export const findToken = (tokens: ReadonlyArray<TokenRow>, asked: string): Effect.Effect<TokenRow, Failure> => {
  const text = asked.trim()
  const exact = tokens.find(({ id, tokenPrefix }) => id === text.toLowerCase() || text.startsWith(tokenPrefix))
  if (exact !== undefined) return Effect.succeed(exact)
  const named = tokens.filter(({ name }) => name === text)
  const matches = named.length > 0 || text.length < minPrefixLength
    ? named
    : tokens.filter(({ id }) => id.startsWith(text.toLowerCase()))
  if (matches.length > 1) return Effect.fail(ambiguous(text, matches))
  return matches[0] === undefined ? Effect.fail(unknown(text)) : Effect.succeed(matches[0])
}

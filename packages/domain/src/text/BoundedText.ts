import { Schema, SchemaTransformation } from "effect"
import { isPlainText, plainText } from "./PlainText.ts"

/** The maximum characters (UTF-16 units) of a text, by its kind. */
export const textLimits = {
  /** An id, a word of a query, a number. */
  word: 256,
  name: 256,
  tokenName: 200,
  slug: 64,
  /** The prefix of issue numbers. */
  prefix: 16,
  description: 2_000,
  /** The context of a workspace for agents. */
  context: 16_000
} as const

/** A refusal in words for people that follow the place: `name must be at most 256 characters`. */
const refusal = (words: string) => ({ expected: words.replace("must be ", ""), refusal: words })

/** A text with a maximum number of characters; a longer one is refused with this sentence. */
export const textOf = (most: number) =>
  Schema.String.check(Schema.isMaxLength(most, refusal(`must be at most ${most} characters`)))

/** A list with a maximum number of entries; a longer one is refused with this sentence. */
export const listOf = <Item extends Schema.Constraint>(
  item: Item,
  most: number,
  words = `must be a list of at most ${most} entries`
) => Schema.Array(item).check(Schema.isMaxLength(most, refusal(words)))

/**
 * A name that a person gives: one line with a maximum number of characters, without control and direction characters.
 */
export const nameOf = (most: number) =>
  textOf(most).check(
    Schema.makeFilter(isPlainText, refusal("must be one line without control characters and marks of direction"))
  )

/**
 * A name that a daemon reports: made one line, without control and direction characters, cut. It never makes the report
 * invalid.
 */
export const reportedName = (most: number) =>
  Schema.String.annotate({
    description: `Longer text is cut to ${most} characters; control characters and marks of direction are taken out.`
  }).pipe(
    Schema.decodeTo(
      Schema.String,
      SchemaTransformation.transform({ decode: (text: string) => plainText(text, most), encode: (text) => text })
    )
  )

/** An id, or a word of a path or a query. */
export const Word = textOf(textLimits.word)

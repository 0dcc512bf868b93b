import { Schema, SchemaTransformation } from "effect"
import { isPlainText, plainText } from "./PlainText.ts"

/** The maximum characters (UTF-16 units) of a text, by its kind. */
export const textLimits = {
  /** An id, a word of a query, a number. */
  word: 256,
  name: 256,
  tokenName: 200,
  slug: 64,
  /** The id of a default model: as long as that of a task. */
  model: 256,
  /** The prefix of issue numbers. */
  prefix: 16,
  description: 2_000,
  /** The context of a workspace for agents. */
  context: 16_000
} as const

/** A refusal in words for people that follow the place: `name must be at most 256 characters`. */
const refusal = (words: string) => ({ expected: words.replace("must be ", ""), refusal: words })

/** A text with a maximum number of characters; a longer one is refused with this sentence. */
export const textOf = (max: number) =>
  Schema.String.check(Schema.isMaxLength(max, refusal(`must be at most ${max} characters`)))

/** A list with a maximum number of entries; a longer one is refused with this sentence. */
export const listOf = <Item extends Schema.Constraint>(
  item: Item,
  max: number,
  words = `must be a list of at most ${max} entries`
) => Schema.Array(item).check(Schema.isMaxLength(max, refusal(words)))

/**
 * A name that a person gives: one line with a maximum number of characters, without control and direction characters.
 */
export const nameOf = (max: number) =>
  textOf(max).check(
    Schema.makeFilter(isPlainText, refusal("must be one line without control characters and marks of direction"))
  )

/**
 * A name that a daemon reports: made one line, without control and direction characters, cut. It never makes the report
 * invalid.
 */
export const reportedName = (max: number) =>
  Schema.String.annotate({
    description: `Longer text is cut to ${max} characters; control characters and marks of direction are taken out.`
  }).pipe(
    Schema.decodeTo(
      Schema.String,
      SchemaTransformation.transform({ decode: (text: string) => plainText(text, max), encode: (text) => text })
    )
  )

/** A text that the receiver cuts, in UTF-8; it never makes the report invalid. */
export const cutTextOf = (max: number) => Schema.String.annotate({ description: `Longer text is cut to ${max} bytes.` })

/** An id, or a word of a path or a query. */
export const Word = textOf(textLimits.word)

import { stripVTControlCharacters } from "node:util"

/** One line of a CLI's text without terminal colours, control characters and halves of characters. */
export const cleanLine = (text: string): string =>
  stripVTControlCharacters(text).toWellFormed().replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").trim()

/** The longest complaint that is passed on, in characters. */
export const maxWords = 1_000

/** A CLI's own words as one line of at most `maxWords` characters; of longer ones the end, where the complaint stands. */
export const ownWords = (text: string): string => {
  const line = stripVTControlCharacters(text).split(/\r?\n/).map(cleanLine).filter((part) => part !== "").join(" ")
  return line.length <= maxWords ? line : `…${line.slice(line.length - maxWords + 1).toWellFormed()}`
}

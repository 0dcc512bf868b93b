import { stripVTControlCharacters } from "node:util"

/** Returns one line of a CLI's output without terminal colors, control characters and halves of characters. */
export const sanitizeLine = (text: string): string =>
  stripVTControlCharacters(text).toWellFormed().replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").trim()

/** In characters. */
export const maxOutput = 1_000

/** Returns a CLI's output as one line of at most `maxOutput` characters: the end of longer output, which contains the error. */
export const sanitizeOutput = (text: string): string => {
  const line = stripVTControlCharacters(text).split(/\r?\n/).map(sanitizeLine).filter((part) => part !== "").join(" ")
  return line.length <= maxOutput ? line : `…${line.slice(line.length - maxOutput + 1).toWellFormed()}`
}

import { cleanLine } from "../process/Words.ts"

/** The most of it, in characters. */
const most = 200

/**
 * What the body of an error says to people, as one line: a Muster server's own words, else the text of whatever stands
 * between, such as a proxy's page. At most 200 characters.
 */
export const saidIn = (body: string): string => {
  const own = /^\s*\{"error":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1]
  const text = own ?? body.replaceAll(/<(style|script)\b[^]*?<\/\1>|<[^>]*>/gi, " ")
  return cleanLine(text).replaceAll(/\s+/g, " ").slice(0, most).toWellFormed()
}

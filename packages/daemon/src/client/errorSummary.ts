import { sanitizeLine } from "../process/sanitizeOutput.ts"

/** In characters. */
const maxSummary = 200

/**
 * Returns the body of an error response as one line for people: the message of a Muster server, else the text of what
 * answered instead, such as a proxy's page. At most 200 characters.
 */
export const errorSummary = (body: string): string => {
  const own = /^\s*\{"error":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1]
  const text = own ?? body.replaceAll(/<(style|script)\b[^]*?<\/\1>|<[^>]*>/gi, " ")
  return sanitizeLine(text).replaceAll(/\s+/g, " ").slice(0, maxSummary).toWellFormed()
}

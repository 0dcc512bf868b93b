/** What stands in place of a secret. */
export const mask = "[masked]"

/** The starts of tokens that are recognized by their shape: Muster's own, and those of common services. */
const starts = [
  "mul_",
  "mdt_",
  "mtk_",
  "mmc_",
  "mjt_",
  "mjk_",
  "sk-",
  "ghp_",
  "gho_",
  "ghu_",
  "ghs_",
  "ghr_",
  "github_pat_",
  "glpat-",
  "xoxb-",
  "xoxp-",
  "AKIA",
  "ASIA",
  "AIza",
  "eyJ",
  "npm_",
  "hf_"
]

const tokenChar = "[A-Za-z0-9_\\-./+=]"

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\-]/g, "\\$&")

/** A token: one of the starts, not within a word, and at least 16 characters more. */
const token = `(?<![A-Za-z0-9])(?:${starts.map(escaped).join("|")})${tokenChar}{16,}`

const keyBegin = "-----BEGIN "
const keyHead = "-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----"
const keyEnd = /-----END [A-Z ]{0,40}PRIVATE KEY-----/

const privateKey = `${keyHead}[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)`

const tail = new RegExp(`${tokenChar}*$`)
const startsKey = new RegExp(keyHead)
const maybeKey =
  /-----BEGIN [A-Z ]{0,40}(?:P|PR|PRI|PRIV|PRIVA|PRIVAT|PRIVATE|PRIVATE |PRIVATE K|PRIVATE KE|PRIVATE KEY-{0,4})?$/

/** In characters: a longer end that may be a secret is masked as one. */
const maxWait = 16 * 1024

/** Values shorter than this would mask ordinary words. */
const leastValue = 8

/** A text that comes in chunks. */
export interface MaskStream {
  /** Returns what can be passed on; an end that may be the start of a secret waits for the next chunk. */
  readonly push: (chunk: string) => string
  /** Returns what still waits, at the end of the text. */
  readonly flush: () => string
}

/** Masks secrets: given values, and what has the shape of a token or of a private key. */
export interface Masks {
  readonly text: (text: string) => string
  readonly stream: () => MaskStream
}

/** The position from which the end of a text may be the start of a given value. */
const valueWait = (text: string, values: ReadonlyArray<string>): number => {
  let from = text.length
  for (const value of values) {
    for (let length = Math.min(value.length - 1, text.length); length > text.length - from; length--) {
      if (text.endsWith(value.slice(0, length))) from = text.length - length
    }
  }
  return from
}

/** Whether a token begins, or may begin with what follows, at a position of a run. */
const mayBegin = (run: string, at: number): boolean => {
  const rest = run.slice(at)
  return starts.some((start) => rest.startsWith(start) || start.startsWith(rest))
}

/** The position from which the end of a text may be the start of a token. */
const tokenWait = (text: string): number => {
  const run = tail.exec(text)?.[0] ?? ""
  const first = text.length - run.length
  for (let at = 0; at < run.length; at++) {
    if ((at === 0 || !/[A-Za-z0-9]/.test(run[at - 1]!)) && mayBegin(run, at)) return first + at
  }
  return text.length
}

/** The position from which the end of a text may be the start of a private key, or is within one. */
const keyWait = (text: string): number => {
  const open = text.lastIndexOf(keyBegin)
  if (open >= 0) {
    const rest = text.slice(open)
    if (startsKey.test(rest) ? !keyEnd.test(rest) : maybeKey.test(rest)) return open
  }
  for (let length = Math.min(keyBegin.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(keyBegin.slice(0, length))) return text.length - length
  }
  return text.length
}

/** What is left out until it is over: the rest of a token or of a private key that is longer than what can wait. */
type Skipping = "none" | "token" | "key"

/** The position moved to the end of the secret that it would cut in two. */
const afterSecret = (text: string, pattern: RegExp, position: number): number => {
  for (const { 0: found, index } of text.matchAll(pattern)) {
    if (index >= position) break
    if (index + found.length > position) return index + found.length
  }
  return position
}

const makeStream = (values: ReadonlyArray<string>, pattern: RegExp): MaskStream => {
  const text = (whole: string) => whole.replace(pattern, mask)
  let waiting = ""
  let skipping = "none" as Skipping

  const skip = (chunk: string): string => {
    if (skipping === "token") {
      const end = chunk.search(/[^A-Za-z0-9_\-./+=]/)
      if (end < 0) return ""
      skipping = "none"
      return chunk.slice(end)
    }
    const end = keyEnd.exec(chunk)
    if (end === null) {
      waiting = chunk.slice(-64)
      return ""
    }
    skipping = "none"
    return chunk.slice(end.index + end[0].length)
  }

  const isSkipping = () => skipping !== "none"

  const push = (chunk: string): string => {
    let all = waiting + chunk
    waiting = ""
    if (skipping !== "none") all = skip(all)
    if (isSkipping()) return ""
    const key = keyWait(all)
    const wait = Math.min(tokenWait(all), afterSecret(all, pattern, Math.min(key, valueWait(all, values))))
    if (all.length - wait <= maxWait) {
      waiting = all.slice(wait)
      return text(all.slice(0, wait))
    }
    skipping = key === wait ? "key" : "token"
    return text(all.slice(0, wait)) + mask
  }

  return {
    push,
    flush: () => {
      const rest = skipping === "none" ? text(waiting) : ""
      waiting = ""
      skipping = "none"
      return rest
    }
  }
}

/** Returns what masks these values (those of fewer than 8 characters are left out) and all that looks like a secret. */
export const make = (secrets: ReadonlyArray<string>): Masks => {
  // Longer ones first: one may contain another.
  const values = [...new Set(secrets)].filter(({ length }) => length >= leastValue).toSorted((a, b) =>
    b.length - a.length
  )
  const pattern = new RegExp([...values.map(escaped), privateKey, token].join("|"), "g")
  const text = (whole: string) => whole.replace(pattern, mask)
  return { text, stream: () => makeStream(values, pattern) }
}

/** Masks what looks like a secret. */
export const shapes: Masks = make([])

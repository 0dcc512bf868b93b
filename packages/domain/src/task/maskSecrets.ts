import { SecretScan, wantedOf } from "./SecretScan.ts"

export { mask } from "./SecretScan.ts"

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

/** The value, and as it is within a string of JSON. */
const formsOf = (value: string): ReadonlyArray<string> => [value, JSON.stringify(value).slice(1, -1)]

/** Returns what masks these values (those of fewer than 8 characters are left out) and all that looks like a secret. */
export const make = (secrets: ReadonlyArray<string>): Masks => {
  const values = new Set(secrets.filter(({ length }) => length >= leastValue).flatMap(formsOf))
  const wanted = wantedOf([...values])
  return {
    text: (whole) => {
      const scan = new SecretScan(wanted)
      return scan.push(whole) + scan.flush()
    },
    stream: () => {
      const scan = new SecretScan(wanted)
      return { push: (chunk) => scan.push(chunk), flush: () => scan.flush() }
    }
  }
}

/** Masks what looks like a secret. */
export const shapes: Masks = make([])

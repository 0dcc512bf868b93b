import { type PartEnd, SecretScan, wantedOf } from "./SecretScan.ts"

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
  /** Masks a part of a text that follows this one, which is masked already. Absent: the part is the first. */
  readonly part: (text: string, before?: MaskedPart) => MaskedPart
}

/** A part of a text, masked. `open`: what the next part has to know; absent: only the last character of this one. */
export interface MaskedPart {
  readonly text: string
  readonly open?: PartEnd
}

const endOf = ({ open, text }: MaskedPart): PartEnd => open ?? { within: "text", tail: text.slice(-1) }

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
    part: (text, before = { text: "" }) => {
      const scan = new SecretScan(wanted, endOf(before))
      const passed = scan.push(text)
      const { end, text: rest } = scan.endPart()
      const whole = passed + rest
      const isPlain = end.within === "text" && (end.tail === "" || end.tail === whole.slice(-1))
      return isPlain ? { text: whole } : { text: whole, open: end }
    },
    stream: () => {
      const scan = new SecretScan(wanted)
      return { push: (chunk) => scan.push(chunk), flush: () => scan.flush() }
    }
  }
}

/** Masks what looks like a secret. */
export const shapes: Masks = make([])

import { Schema } from "effect"
import { textOf } from "../text/BoundedText.ts"
import { literalsOf, type LiteralState } from "./Literals.ts"

/** The text that replaces a secret. */
export const mask = "[masked]"

/** The starts of tokens that are recognized by their shape: Muster's own, and those of common services. */
const starts = [
  "mul_",
  "mdt_",
  "mtk_",
  "mmc_",
  "mjt_",
  "mjk_",
  "miv_",
  "mln_",
  "sk-",
  "sk_live_",
  "rk_live_",
  "ghp_",
  "gho_",
  "ghu_",
  "ghs_",
  "ghr_",
  "github_pat_",
  "glpat-",
  "glrt-",
  "xoxa-",
  "xoxb-",
  "xoxp-",
  "xoxr-",
  "xoxs-",
  "xapp-",
  "AKIA",
  "ASIA",
  "AIza",
  "ya29.",
  "eyJ",
  "npm_",
  "hf_",
  "pypi-AgE",
  "dop_v1_",
  "hvs.",
  "SG."
]

/** A token has at least this many characters after its start. */
const leastToken = 16

/** Where a part of a text ends within what may be a token, this many characters after its start suffice. */
const leastCutToken = 8

/** The maximum characters between `-----BEGIN ` and the dashes after it. */
const maxLabel = 60

const isAlphanumeric = (char: string): boolean => /^[A-Za-z0-9]/.test(char)

/** By code: whether the character may be in a token. */
const inToken = Array.from({ length: 128 }, (_, code) => /[A-Za-z0-9_\-./+=]/.test(String.fromCharCode(code)))
const inLabel = Array.from({ length: 128 }, (_, code) => /[A-Z ]/.test(String.fromCharCode(code)))
const dash = 0x2d

type Kind = "value" | "start" | "begin" | "end"

/** What a scan looks for. */
export type Wanted = LiteralState<Kind>

/** These values, everything with the shape of a token, and private keys. */
export const wantedOf = (values: ReadonlyArray<string>): Wanted =>
  literalsOf<Kind>([
    ...values.map((text) => ({ text, kind: "value" }) as const),
    ...starts.map((text) => ({ text, kind: "start" }) as const),
    { text: "-----BEGIN ", kind: "begin" },
    { text: "-----END ", kind: "end" }
  ])

/** The line that begins or ends a private key, from its first dash until it is complete. */
interface KeyLine {
  readonly kind: "begin" | "end"
  readonly from: number
  label: string
  dashes: number
}

interface Token {
  readonly from: number
  /** From this position on it is long enough. */
  readonly sureAt: number
}

/**
 * Where a part of a text ended whose continuation comes later: in plain text, in a token, or in a private key that is masked.
 * `tail` is what the next part may continue: plain text that was passed on, or the beginning of the line that ends a key.
 */
export const PartEnd = Schema.Struct({ within: Schema.Literals(["text", "token", "key"]), tail: textOf(100) })
export type PartEnd = typeof PartEnd.Type

/** Characters from `from` to before `to` that are masked. */
interface Cover {
  from: number
  to: number
}

/**
 * Masks the secrets of a text that comes in chunks. What is masked does not depend on the chunks: every character of
 * every secret, where secrets that overlap or touch have one mask. A token ends with its last character that may be in one,
 * a private key without an end with the text. Each character is read once, and the text that waits for the next chunk is
 * shorter than the longest value, or than 100 characters without values. Positions count UTF-16 units from the start of
 * the text.
 */
export class SecretScan {
  /** How many steps were made: at most two for each character. */
  steps = 0
  private readonly wanted: Wanted
  private state: Wanted
  /** The text from `passed` to `at`, which waits. */
  private waiting = ""
  private passed = 0
  private at = 0
  /** The character before what waits; empty: there is none. */
  private before = ""
  /** In order, without overlaps. */
  private covers: Array<Cover> = []
  /** The end of the last mask that was passed on. */
  private maskedTo = -1
  private token: Token | undefined
  private keyLine: KeyLine | undefined
  private inKey = false
  /** What is before was passed on with an earlier part. */
  private readonly told: number = 0

  /** `before`: the end of the part before this one, which was passed on. */
  constructor(wanted: Wanted, before: PartEnd = { within: "text", tail: "" }) {
    this.wanted = wanted
    this.state = wanted
    if (before.within !== "text") this.maskedTo = 0
    if (before.within === "token") this.token = { from: 0, sureAt: 0 }
    if (before.within === "key") this.inKey = true
    this.push(before.tail)
    this.told = this.at
  }

  /** Returns what can be passed on; an end that may be the start of a secret waits for the next chunk. */
  push(chunk: string): string {
    this.waiting += chunk
    for (let index = 0; index < chunk.length; index++) this.read(chunk.charCodeAt(index))
    return this.pass(this.waitsFrom())
  }

  /** Returns what still waits, at the end of the text. */
  flush(): string {
    return this.pass(this.at)
  }

  /**
   * Returns all that waits, where a part of the text ends whose continuation comes later, and what the scan of the next part
   * has to know. A token that has at least 8 characters after its start so far is masked, so that never more of it is passed on.
   */
  endPart(): { readonly text: string; readonly end: PartEnd } {
    const { token } = this
    if (token !== undefined && this.at >= token.sureAt - leastToken + leastCutToken) {
      this.token = { from: token.from, sureAt: this.at }
      this.cover(token.from)
    }
    const within = this.inKey ? "key" : this.isInToken() ? "token" : "text"
    const from = this.waitsFrom()
    const isMasked = this.maskedTo === from || this.covers.at(-1)?.to === from
    const before = within === "text" && !isMasked ? this.charAt(from - 1) : ""
    const tail = before + this.waiting.slice(from - this.passed)
    return { text: this.pass(this.at), end: { within, tail } }
  }

  private isInToken(): boolean {
    return this.token !== undefined && this.at >= this.token.sureAt
  }

  private read(code: number): void {
    this.step(code)
    this.at++
    const isTokenChar = code < 128 && inToken[code]!
    if (!isTokenChar) this.token = undefined
    const begins = this.keyLine !== undefined && this.readKeyLine(this.keyLine, code)
    for (const { kind, text } of this.state.ends) this.found(kind, this.at - text.length)
    // The dashes of a line that begins a key are not those of the line that ends it.
    if (begins) this.state = this.wanted
    if (this.token !== undefined && this.isInToken()) this.cover(this.token.from)
    if (this.inKey) this.cover(this.at - 1)
  }

  private step(code: number): void {
    for (;;) {
      this.steps++
      const next = this.state.next.get(code)
      if (next !== undefined) {
        this.state = next
        return
      }
      if (this.state.shorter === null) return
      this.state = this.state.shorter
    }
  }

  private found(kind: Kind, from: number): void {
    switch (kind) {
      case "value":
        return this.cover(from)
      case "start":
        if (this.token === undefined && !isAlphanumeric(this.charAt(from - 1))) {
          this.token = { from, sureAt: this.at + leastToken }
        }
        return
      case "begin":
        this.keyLine = { kind, from, label: "", dashes: 0 }
        return
      case "end":
        if (this.inKey) this.keyLine = { kind, from, label: "", dashes: 0 }
        return
    }
  }

  /** Whether the line is complete and begins a key. */
  private readKeyLine(line: KeyLine, code: number): boolean {
    if (code === dash) {
      if (++line.dashes < 5) return false
      this.keyLine = undefined
      if (!line.label.includes("PRIVATE KEY")) return false
      this.cover(line.from)
      this.inKey = line.kind === "begin"
      return this.inKey
    }
    const isLabel = line.dashes === 0 && line.label.length < maxLabel && code < 128 && inLabel[code]!
    if (isLabel) line.label += String.fromCharCode(code)
    else this.keyLine = undefined
    return false
  }

  private charAt(position: number): string {
    return position < this.passed ? this.before : this.waiting.charAt(position - this.passed)
  }

  /** Masks from this position to the present one. */
  private cover(from: number): void {
    let start = from
    for (let last = this.covers.at(-1); last !== undefined && last.to >= start; last = this.covers.at(-1)) {
      start = Math.min(start, last.from)
      this.covers.pop()
    }
    this.covers.push({ from: start, to: this.at })
  }

  /** The first position that a later character may mask. */
  private waitsFrom(): number {
    const token = this.token === undefined || this.isInToken() ? this.at : this.token.from
    return Math.min(this.literalFrom(), token, this.keyLine?.from ?? this.at)
  }

  /** Where the longest part of a literal at the end begins. A word that ends like the start of a token is no part of one. */
  private literalFrom(): number {
    for (let state: Wanted | null = this.state; state !== null; state = state.shorter) {
      const from = this.at - state.depth
      if (!state.begins.has("start") || state.begins.size > 1 || !isAlphanumeric(this.charAt(from - 1))) return from
    }
    return this.at
  }

  /** Returns the masked text of what waits before this position. */
  private pass(to: number): string {
    if (to <= this.passed) return ""
    const plain = (from: number, end: number) => {
      const untold = Math.max(from, this.told)
      return untold < end ? this.waiting.slice(untold - this.passed, end - this.passed) : ""
    }
    let text = ""
    let from = this.passed
    for (const cover of this.covers) {
      if (cover.from >= to) break
      text += plain(from, cover.from)
      if (cover.from > this.maskedTo) text += mask
      this.maskedTo = Math.min(cover.to, to)
      from = this.maskedTo
    }
    text += plain(from, to)
    this.covers = this.covers.filter((cover) => cover.to > to)
    this.before = this.waiting.charAt(to - this.passed - 1)
    this.waiting = this.waiting.slice(to - this.passed)
    this.passed = to
    return text
  }
}

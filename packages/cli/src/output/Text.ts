// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]+/g

/**
 * Returns untrusted text as one line without control characters, escape sequences and marks of text direction. Names and
 * errors come from other people's machines.
 */
export const printable = (text: string): string => text.replaceAll(controls, " ").trim()

/** Returns a value as the JSON document that a command prints with `--json`. */
export const jsonText = (value: unknown): string => JSON.stringify(value, null, 2)

const units = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1000]] as const

/** Returns how long ago a moment was: `12 s ago`; `never` for null; `just now` for the future, since clocks differ. Both in epoch ms. */
export const ago = (moment: number | null, now: number): string => {
  if (moment === null) return "never"
  const passed = now - moment
  const unit = units.find(([, length]) => passed >= length)
  return unit === undefined ? "just now" : `${Math.floor(passed / unit[1])} ${unit[0]} ago`
}

/** Returns a text with each line indented by two spaces. */
export const indent = (text: string): string => text.split("\n").map((line) => `  ${line}`).join("\n")

/** Returns a count with its noun: `1 result`, `2 results`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

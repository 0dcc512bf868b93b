import { sanitizeLine } from "../process/sanitizeOutput.ts"

const pattern = /v?(\d+)\.(\d+)\.(\d+)/

/** A version as it appears in a sentence: `N.N.N`, more numbers, and what a pre-release or a build adds. */
const version = /\d+\.\d+\.\d+(?:\.\d+)*(?:[-+][0-9A-Za-z](?:[0-9A-Za-z.+-]*[0-9A-Za-z])?)?/

/** The line of what `--version` printed that has the version: the first with `N.N.N`, else all of it. */
export const versionLine = (stdout: string): string => {
  const lines = stdout.split(/\r?\n/).map(sanitizeLine).filter((line) => line !== "")
  return lines.find((line) => pattern.test(line)) ?? lines.join(" ")
}

/**
 * The version in that line without the words around it (`1.0.102` of `GitHub Copilot CLI 1.0.102.`), which may differ
 * from day to day; the line itself where it has no `N.N.N`. At most 256 characters.
 */
export const versionText = (line: string): string => (version.exec(line)?.[0] ?? line).slice(0, 256).toWellFormed()

/** The three numbers of the first `N.N.N`, if there is one. */
const versionNumbers = (text: string): ReadonlyArray<number> | undefined => pattern.exec(text)?.slice(1).map(Number)

/** Why `version` of `command` cannot be used where at least `minimum` is needed, if so. */
export const tooOld = (command: string, version: string, minimum: string): string | undefined => {
  const numbers = versionNumbers(version)
  if (numbers === undefined) {
    const said = version === "" ? "nothing" : `"${version}"`
    return `${command} --version says ${said}, which is no version; ${minimum} or newer is needed`
  }
  const needed = versionNumbers(minimum) ?? []
  const difference = needed.map((number, index) => numbers[index]! - number).find((one) => one !== 0) ?? 0
  return difference < 0 ? `${command} ${numbers.join(".")} is too old; ${minimum} or newer is needed` : undefined
}

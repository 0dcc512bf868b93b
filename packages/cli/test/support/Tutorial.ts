import { readFileSync } from "node:fs"

/** One command of a tutorial, and what the page shows of its output. */
export interface Step {
  /** The prompt's name: who types, or on which machine. */
  readonly who: string
  readonly command: string
  readonly expected: string
}

const prompt = /^([a-z]+)\$ (.+)$/

/** The steps of a page's `console` blocks, in order. */
export const stepsOf = (page: string): ReadonlyArray<Step> => {
  const text = readFileSync(new URL(`../../../../docs/${page}`, import.meta.url), "utf8")
  const steps: Array<{ who: string; command: string; expected: string }> = []
  for (const [, block = ""] of text.matchAll(/```console\n([\s\S]*?)```/g)) {
    for (const line of block.trimEnd().split("\n")) {
      const [, who, command] = prompt.exec(line) ?? []
      if (who !== undefined && command !== undefined) steps.push({ who, command, expected: "" })
      else steps.at(-1)!.expected += `${line}\n`
    }
  }
  return steps
}

/** What differs from run to run, and how a comparison writes it. */
const variable: ReadonlyArray<readonly [RegExp, string]> = [
  [/http:\/\/[\w.]+(:\d+)?(?=\b|\/)/g, "URL"],
  [/\b(m[a-z]{2})_([0-9a-f]{40}|…)/g, "$1_SECRET"],
  [/\d{4}-\d\d-\d\d(T[\d:.]+Z)?/g, "TIME"],
  [/\b(\d+ (s|min|h|d) ago|just now)\b/g, "AGO"],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "ID"],
  [/\b\d+\.\d+\.\d+\b/g, "VERSION"],
  [/\(process \d+\)/g, "(PROCESS)"],
  // Columns are as wide as their content.
  [/(?<=\S) {2,}/g, " "]
]

/** Returns output as it is compared. Notes about addresses of this machine only are no part of it. */
export const comparable = (text: string): string =>
  variable.reduce((changed, [pattern, to]) => changed.replaceAll(pattern, to), text)
    .split("\n").filter((line) => !line.startsWith("note:")).map((line) => line.trimEnd()).join("\n").trim()

/** The secrets that commands printed, by their prefix. A command of the page shows the newest one as `mjt_…`. */
export class Secrets {
  readonly #newest = new Map<string, string>()

  remember(output: string): void {
    for (const [secret, prefix] of output.matchAll(/\b(m[a-z]{2})_[0-9a-f]{40}/g)) this.#newest.set(prefix!, secret)
  }

  fill(command: string): string {
    return command.replaceAll(/\b(m[a-z]{2})_…/g, (shown, prefix) => this.#newest.get(prefix) ?? shown)
  }
}

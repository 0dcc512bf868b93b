import { readText } from "../page/Repository.ts"
import { firstCells, sourcesOf } from "./Sources.ts"

const page = "docs/errors.md"

const word = "[a-z]+(?:_[a-z]+)*"

/** A string, a template or a name: an argument before the code. */
const argument = "(?:\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|[\\w.]+)"

/** How sources name a code, and the code that results. */
const forms: ReadonlyArray<readonly [RegExp, (match: ReadonlyArray<string>) => ReadonlyArray<string>]> = [
  [new RegExp(`\\bcode: "(${word})"`, "g"), ([code]) => [code!]],
  [new RegExp(`\\bcode: [^,"]*\\? "(${word})"\\s*:\\s*"(${word})"`, "g"), (codes) => codes],
  [
    new RegExp(`\\b(?:fail|gaveUp|failureOf|conflict|ended)\\((?:\\s*${argument}\\s*,){1,2}\\s*"(${word})"`, "g"),
    ([code]) => [code!]
  ],
  [/\bfailure\(\s*"(\w+)"/g, ([reason]) => [`cannot_start_${reason}`]],
  [/\binvalid\("([^"]+)"\)/g, ([field]) => [`invalid_${field!.replace(" ", "_")}`]],
  [/\babsent\("([^"]+)"\)/g, ([what]) => [`${what}_not_found`]]
]

/** The error codes that sources of the server and the command line name, with one of the files of each. */
const codesOfSources = (): ReadonlyMap<string, string> =>
  new Map(
    sourcesOf(["domain", "server", "cli"]).flatMap(({ path, text }) =>
      forms.flatMap(([form, codes]) =>
        [...text.matchAll(form)].flatMap((match) => codes(match.slice(1)).map((code) => [code, path] as const))
      )
    )
  )

/** Matches what an entry of the page stands for: `…` is any word. */
const matcher = (entry: string) => new RegExp(`^${entry.replace("…", "\\w+")}$`)

/** Families of codes whose last or first word is computed. */
const families = /^(?:join|invitation|ping|cannot_start|ambiguous)_|_not_found$/

/** The status of each error of the API, by the name of its class. */
const statuses = () =>
  new Map(
    sourcesOf(["domain"]).flatMap(({ text }) =>
      [...text.matchAll(/class (\w+) extends Schema\.Error.*httpApiStatus: (\d{3})/g)].map((
        [, type = "", status = ""]
      ) => [type, status] as const)
    )
  )

/** The status of each row of the page that has one, by the words of its first cell. */
const statusCells = () =>
  new Map(
    [...readText(page).matchAll(/^\| (`[^|]*) \| ([^|]*) \|/gm)].flatMap(([, cell = "", status = ""]) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, entry = ""]) => [entry, status] as const)
    )
  )

/** The codes that the page has with another status than the sources, one sentence each. */
const differentStatuses = () => {
  const [byType, byCode] = [statuses(), statusCells()]
  return sourcesOf(["domain", "server"]).flatMap(({ text }) =>
    [...text.matchAll(/new (?:WireError\.)?(\w+)\(\{(?:[^{}]|\{[^{}]*\})*?\bcode: "(\w+)"/g)].flatMap(
      ([, type = "", code = ""]) => {
        const [status, shown] = [byType.get(type), byCode.get(code)]
        return status === undefined || shown === undefined || shown.includes(status)
          ? []
          : [`${page}: has ${code} with ${shown} instead of ${status}`]
      }
    )
  )
}

/** What differs between the page of error codes and the sources, one sentence each. */
export const differentCodes = (): ReadonlyArray<string> => {
  const entries = firstCells(page)
  const codes = codesOfSources()
  const words = new Set(
    sourcesOf(["domain", "server", "cli"]).flatMap(({ text }) =>
      [...text.matchAll(/"([a-z_]+)"/g)].map(([, quoted = ""]) => quoted)
    )
  )
  return [
    ...[...codes].filter(([code]) => !entries.some((entry) => matcher(entry).test(code))).map(([code, path]) =>
      `${page}: does not have the error code ${code} of ${path}`
    ),
    ...entries.filter((entry) =>
      !entry.includes("…") && !families.test(entry) && !codes.has(entry) && !words.has(entry)
    )
      .map((entry) => `${page}: has ${entry}, which no source has`),
    ...differentStatuses(),
    ...entries.filter((entry, index) => entries.indexOf(entry) !== index).map((entry) => `${page}: has ${entry} twice`)
  ]
}

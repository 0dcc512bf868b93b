import type { ToldModel } from "./ModelCatalog.ts"
import { printedList } from "./PrintedList.ts"
import { documented, type Provider } from "./Provider.ts"

/** `id - Label`, with `(current)` or `(default)` behind the one that runs unasked. */
const readLine = (line: string): ToldModel | undefined => {
  const [, id, text = ""] = /^\s*(\S+)\s+-\s+(\S.*)$/.exec(line) ?? []
  if (id === undefined) return undefined
  const marks = /\s*\(([^()]*)\)\s*$/.exec(text)
  const marked = marks !== null && /\b(current|default)\b/.test(marks[1]!)
  return { id, label: marked ? text.slice(0, marks.index) : text, default: marked }
}

/** Cursor's agent CLI. */
export const cursor: Provider = {
  key: "cursor",
  command: "cursor-agent",
  evidence: documented("https://cursor.com/docs/cli/reference/parameters"),
  listModels: (cli) => printedList({ provider: "cursor", cli, args: ["--list-models"] }, readLine)
}

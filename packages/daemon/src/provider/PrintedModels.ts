import type { ToldModel } from "./ModelCatalog.ts"
import { columns, printedList } from "./PrintedList.ts"
import { documented, type Provider, seen, skillsBelow } from "./Provider.ts"

const multica = "https://github.com/multica-ai/multica/blob/main/server/pkg/agent/models.go"

/** Reads `id<TAB>label`, or the id alone. A line of words is not a model. */
const idAndLabel = (line: string): ToldModel | undefined => {
  const [id = "", label] = line.trim().split("\t")
  return /^[\w./:-]+$/.test(id) ? { id, label } : undefined
}

/** Reads `provider/model` in the first column, as OpenCode prints it. */
const qualified = (line: string): ToldModel | undefined => {
  const [id = ""] = columns(line)
  return /^[a-z][^/]*\/./.test(id) ? { id, provider: id.slice(0, id.indexOf("/")) } : undefined
}

/** Google's Antigravity CLI. */
export const antigravity: Provider = {
  key: "antigravity",
  command: "agy",
  evidence: documented(multica),
  listModels: (cli) => printedList({ provider: "antigravity", cli, args: ["models"] }, idAndLabel)
}

/** Huawei's CodeArts CLI, a descendant of OpenCode. */
export const codearts: Provider = {
  key: "codearts",
  command: "codearts",
  evidence: documented(multica),
  listModels: (cli) => printedList({ provider: "codearts", cli, args: ["models"] }, qualified)
}

/** Huawei's DevEco CLI, a descendant of OpenCode. */
export const deveco: Provider = {
  key: "deveco",
  command: "deveco",
  evidence: documented(multica),
  listModels: (cli) => printedList({ provider: "deveco", cli, args: ["models"] }, qualified)
}

/** Reads `id - Label`, with `(current)` or `(default)` after the default. */
const cursorLine = (line: string): ToldModel | undefined => {
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
  skills: skillsBelow(".cursor"),
  listModels: (cli) => printedList({ provider: "cursor", cli, args: ["--list-models"] }, cursorLine)
}

/** Reads `* grok-4.6 (default)`, `- grok-4.5`. */
const grokLine = (line: string): ToldModel | undefined => {
  const [, id, mark = ""] = /^\s*[*-]\s+(\S+)(?:\s+\((.*)\))?\s*$/.exec(line) ?? []
  return id === undefined ? undefined : { id, provider: "xai", default: /\bdefault\b/.test(mark) }
}

/** xAI's Grok Build. It prints its models, also without a login. Other programs named grok print no such version. */
export const grok: Provider = {
  key: "grok",
  command: "grok",
  prints: /^grok \d/,
  evidence: seen("1.0.41", "its models"),
  listModels: (cli) => printedList({ provider: "grok", cli, args: ["models"] }, grokLine)
}

const piModel = (provider: string, model: string): ToldModel => ({ id: `${provider}/${model}`, label: model, provider })

/** Reads a row of its table (provider, model, and numbers), or `provider:model` of earlier releases. */
const piLine = (line: string): ToldModel | undefined => {
  const [first = "", second, ...figures] = columns(line)
  const [, provider, model] = /^([\w.-]+):(\S+)$/.exec(first) ?? []
  if (second === undefined) return provider === undefined ? undefined : piModel(provider, model!)
  const isRow = figures.length >= 2 && /^\d/.test(figures[0]!)
  return isRow ? piModel(first, second) : undefined
}

/** Pi. It prints its table to stderr. Without a login it prints `No models available` with exit code 0, which is a failure. */
export const pi: Provider = {
  key: "pi",
  command: "pi",
  evidence: seen("1.6.0", "its models; without a login that it has none"),
  skills: skillsBelow(".pi", "agent"),
  listModels: (cli) => printedList({ provider: "pi", cli, args: ["--list-models"] }, piLine, "either")
}

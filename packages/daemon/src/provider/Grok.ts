import type { ToldModel } from "./ModelCatalog.ts"
import { printedList } from "./PrintedList.ts"
import { type Provider, seen } from "./Provider.ts"

/** `* grok-4.6 (default)`, `- grok-4.5`. */
const readLine = (line: string): ToldModel | undefined => {
  const [, id, mark = ""] = /^\s*[*-]\s+(\S+)(?:\s+\((.*)\))?\s*$/.exec(line) ?? []
  return id === undefined ? undefined : { id, provider: "xai", default: /\bdefault\b/.test(mark) }
}

/** xAI's Grok Build: prints its models, without a login too. Other programs called grok print no such version. */
export const grok: Provider = {
  key: "grok",
  command: "grok",
  prints: /^grok \d/,
  evidence: seen("1.0.41", "its models"),
  listModels: (cli) => printedList({ provider: "grok", cli, args: ["models"] }, readLine)
}

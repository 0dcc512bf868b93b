import type { ToldModel } from "./ModelCatalog.ts"
import { columns, printedList } from "./PrintedList.ts"
import { type Provider, seen } from "./Provider.ts"

const told = (provider: string, model: string): ToldModel => ({ id: `${provider}/${model}`, label: model, provider })

/** A row of its table (provider, model, and figures), or `provider:model` as earlier releases print it. */
const readLine = (line: string): ToldModel | undefined => {
  const [first = "", second, ...figures] = columns(line)
  const [, provider, model] = /^([\w.-]+):(\S+)$/.exec(first) ?? []
  if (second === undefined) return provider === undefined ? undefined : told(provider, model!)
  const isRow = figures.length >= 2 && /^\d/.test(figures[0]!)
  return isRow ? told(first, second) : undefined
}

/** Pi. It prints its table on stderr, and without any login `No models available` with exit code 0, which is a complaint. */
export const pi: Provider = {
  key: "pi",
  command: "pi",
  evidence: seen("1.6.0", "its models; without a login that it has none"),
  listModels: (cli) => printedList({ provider: "pi", cli, args: ["--list-models"] }, readLine, "either")
}

import type { ToldModel } from "./ModelCatalog.ts"
import { columns, printedList } from "./PrintedList.ts"
import { documented, type Provider } from "./Provider.ts"

const multica = "https://github.com/multica-ai/multica/blob/main/server/pkg/agent/models.go"

/** `id<TAB>label`, or the id alone. A line of words is not a model. */
const idAndLabel = (line: string): ToldModel | undefined => {
  const [id = "", label] = line.trim().split("\t")
  return /^[\w./:-]+$/.test(id) ? { id, label } : undefined
}

/** `provider/model` in the first column, as OpenCode prints it. */
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

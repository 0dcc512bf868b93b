import { Effect } from "effect"
import { join } from "node:path"
import { acpTold } from "./AcpModels.ts"
import { discoveryFailed, liveCatalog, type ToldModel } from "./ModelCatalog.ts"
import { columns, printedList } from "./PrintedList.ts"
import { type AgentCli, type Provider, seen } from "./Provider.ts"

const maker = (id: string) => id.slice(0, id.indexOf("/"))

const readLine = (line: string): ToldModel | undefined => {
  const [id = ""] = columns(line)
  return /^[^/]+\/./.test(id) ? { id, provider: maker(id) } : undefined
}

const withMakers = (told: ReadonlyArray<ToldModel>) =>
  told.map((model) => model.id.includes("/") ? { ...model, provider: maker(model.id) } : model)

const printed = (cli: AgentCli) => printedList({ provider: "opencode", cli, args: ["models"] }, readLine)

/**
 * OpenCode, as an ACP agent, since only this way it reports the default model. If that fails, or gets no response when it runs
 * alone, it is asked to print its list.
 *
 * The calls are sequential: on a new machine each process prepares the same database, and two concurrent ones fail.
 */
export const opencode: Provider = {
  key: "opencode",
  command: "opencode",
  evidence: seen("1.18.33", "its models"),
  skills: ({ folder, path }) => [
    join(folder("XDG_CONFIG_HOME", ".config"), "opencode", "skills"),
    join(path, ".claude", "skills")
  ],
  listModels: (cli) =>
    acpTold({ provider: "opencode", cli, args: ["acp"], timeout: "15 seconds" }).pipe(
      Effect.matchEffect({
        // A slow one is asked again, alone, before anything else is tried.
        onFailure: (error) =>
          error.reason === "silent" && cli.timeout === undefined
            ? Effect.fail(discoveryFailed("opencode")(error))
            : printed(cli),
        onSuccess: (told) => Effect.succeed(liveCatalog(withMakers(told)))
      })
    )
}

import { Model } from "@muster/domain"
import { Effect, Option, Predicate, Schema } from "effect"
import { join } from "node:path"
import { type JsonRpc, jsonRpc } from "../process/JsonRpc.ts"
import type { StdioSession } from "../process/StdioSession.ts"
import { talkWithCli } from "./Invocation.ts"
import { discoveryFailed, liveCatalog, type ToldModel, toldModels } from "./ModelCatalog.ts"
import { type Provider, seen } from "./Provider.ts"

const Entry = Schema.Struct({
  id: Schema.String,
  displayName: Schema.optional(Schema.NullOr(Schema.String)),
  isDefault: Schema.optional(Schema.NullOr(Schema.Boolean))
})

/** One page of `model/list`. Source: the app server's protocol, https://developers.openai.com/codex/app-server. */
const Page = Schema.Struct({
  data: Schema.Array(Schema.Unknown),
  nextCursor: Schema.optional(Schema.NullOr(Schema.String))
})

/** The configured provider; null: Codex's own. */
const Configured = Schema.Struct({
  config: Schema.Struct({ model_provider: Schema.optional(Schema.NullOr(Schema.String)) })
})

/** Returns the provider whose catalogue is listed. A release that does not report its configuration uses its own. */
const providerOf = (server: JsonRpc) =>
  server.request("config/read", {}, Configured).pipe(
    Effect.timeoutOption("3 seconds"),
    Effect.map(Option.match({ onNone: () => undefined, onSome: ({ config }) => config.model_provider ?? "openai" })),
    Effect.catchIf(({ reason }) => reason === "refused" || reason === "unreadable", () => Effect.succeed("openai"))
  )

const isHidden = (entry: unknown) => Predicate.hasProperty(entry, "hidden") && entry.hidden === true

/** The maximum number of pages: a server may name a next page forever. */
const maxPages = 100

const ask = (stdio: StdioSession) =>
  Effect.gen(function*() {
    const server = yield* jsonRpc(stdio)
    const clientInfo = { name: "muster", title: "Muster", version: "0.1.0" }
    yield* server.request("initialize", { clientInfo }, Schema.Unknown)
    yield* server.notify("initialized")
    const provider = yield* providerOf(server)
    const told: Array<ToldModel> = []
    let cursor: string | null | undefined
    for (let page = 0; page < maxPages; page++) {
      const { data, nextCursor } = yield* server.request("model/list", cursor ? { cursor } : {}, Page)
      told.push(...toldModels(Entry, data.filter((entry) => !isHidden(entry)), ({ displayName, id, isDefault }) => ({
        id,
        label: displayName,
        provider,
        default: isDefault === true
      })))
      if (!nextCursor || told.length > Model.maxModels) return told
      cursor = nextCursor
    }
    return yield* stdio.failed("flood", `named more than ${maxPages} pages of models`)
  })

/** Codex. Its app server lists the models of the account, or of the release without a login. */
export const codex: Provider = {
  key: "codex",
  command: "codex",
  evidence: seen("0.171.0", "its models"),
  minimumVersion: "0.100.0",
  skills: ({ folder }) => [join(folder("CODEX_HOME", ".codex"), "skills")],
  listModels: (cli) =>
    talkWithCli({ provider: "codex", cli, args: ["app-server"] }, ask).pipe(
      Effect.mapError(discoveryFailed("codex")),
      Effect.map(liveCatalog)
    )
}

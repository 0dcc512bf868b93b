import { Deferred, Effect, Exit, Schema } from "effect"
import { join } from "node:path"
import { jsonLines } from "../process/JsonLines.ts"
import type { StdioSession } from "../process/StdioSession.ts"
import { talkWithCli } from "./Invocation.ts"
import { discoveryFailed, fallbackCatalog, liveCatalog, type ToldModel, toldModels } from "./ModelCatalog.ts"
import { type Home, type Provider, seen } from "./Provider.ts"

/** Source: `docs/protocol.md` 15.3. */
const known = fallbackCatalog("anthropic", [
  ["claude-sonnet-4-6", "Claude Sonnet 4.6"],
  ["claude-opus-4-7", "Claude Opus 4.7"],
  ["claude-haiku-4-5-20251001", "Claude Haiku 4.5"],
  ["claude-opus-4-6", "Claude Opus 4.6"],
  ["claude-sonnet-4-5", "Claude Sonnet 4.5"]
])

const Entry = Schema.Struct({ value: Schema.String, displayName: Schema.optional(Schema.NullOr(Schema.String)) })

/** The response to the control request `initialize` of the vendor's SDK. `default` is the model that runs if none is chosen. */
const Initialized = Schema.Struct({
  type: Schema.Literal("control_response"),
  response: Schema.Struct({
    response: Schema.Struct({
      models: Schema.Array(Schema.Unknown)
    })
  })
})

const isInitialized = Schema.is(Initialized)

const args = ["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"]

const ask = (stdio: StdioSession) =>
  Effect.gen(function*() {
    const answered = yield* Deferred.make<ReadonlyArray<ToldModel>>()
    const lines = yield* jsonLines(stdio, (message) => {
      if (!isInitialized(message)) return
      const told = toldModels(Entry, message.response.response.models, ({ displayName, value }) => ({
        id: value,
        label: displayName,
        provider: "anthropic",
        default: value === "default"
      }))
      Deferred.doneUnsafe(answered, Exit.succeed(told))
    })
    lines.send({ type: "control_request", request_id: "models", request: { subtype: "initialize" } })
    return yield* Effect.raceFirst(Deferred.await(answered), lines.lost)
  })

const folderOf = ({ folder }: Home) => folder("CLAUDE_CONFIG_DIR", ".claude")

/**
 * Claude Code. It lists its models in the response to a control request, without a login and without a call to its service. For
 * older releases, which end without a response, a fixed list is used.
 */
export const claude: Provider = {
  key: "claude",
  command: "claude",
  evidence: seen("2.1.332", "its models"),
  minimumVersion: "2.0.0",
  skills: (home) => [join(folderOf(home), "skills")],
  plugins: (home) => join(folderOf(home), "plugins"),
  listModels: (cli) =>
    talkWithCli({ provider: "claude", cli, args }, ask).pipe(
      Effect.matchEffect({
        onFailure: (error) =>
          error.reason === "spawn" || error.reason === "silent"
            ? Effect.fail(discoveryFailed("claude")(error)) :
            Effect.succeed(known),
        onSuccess: (told) => told.length === 0 ? Effect.succeed(known) : Effect.succeed(liveCatalog(told))
      })
    )
}

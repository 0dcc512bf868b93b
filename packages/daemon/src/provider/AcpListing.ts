import { Effect, Schema } from "effect"
import { acp } from "../process/Acp.ts"
import type { StdioSession, StdioSessionFailed } from "../process/StdioSession.ts"
import { SessionModels, sessionModels } from "./AcpModels.ts"
import { calledAs, type Invocation, talkWithCli } from "./Invocation.ts"
import { liveCatalog, type ModelCatalog, type ToldModel } from "./ModelCatalog.ts"
import { discoveryFailed, type ModelDiscoveryFailed } from "./ModelDiscoveryFailed.ts"

const decode = Schema.decodeUnknownEffect(SessionModels)

const openSession = (stdio: StdioSession, folder: string) =>
  Effect.gen(function*() {
    const agent = yield* acp(stdio)
    yield* agent.ask((it) =>
      it.request("initialize", {
        protocolVersion: agent.version,
        clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
        clientInfo: { name: "muster", title: "Muster", version: "0.1.0" }
      })
    )
    const session = yield* agent.ask((it) => it.request("session/new", { cwd: folder, mcpServers: [] }))
    const readable = yield* decode(session).pipe(
      Effect.mapError(() => stdio.failed("unreadable", "answered session/new in a shape that is not known"))
    )
    const told = sessionModels(readable)
    return told ?? (yield* stdio.failed("unreadable", "speaks ACP but says nothing about models"))
  })

/**
 * The models of an agent that speaks the Agent Client Protocol over stdio: `initialize`, then `session/new` in a
 * temporary folder.
 */
export const acpTold = (call: Invocation): Effect.Effect<ReadonlyArray<ToldModel>, StdioSessionFailed> =>
  talkWithCli(call, openSession)

/** The same as a catalog. An agent that refuses (mostly: nobody is logged in) is a failure in its own words. */
export const acpCatalog = (call: Invocation): Effect.Effect<ModelCatalog, ModelDiscoveryFailed> =>
  acpTold(call).pipe(
    Effect.catchIf((error) => error.reason === "refused", (error) =>
      Effect.fail({ reason: error.reason, message: `${calledAs(call)} refused: ${error.message}` })),
    Effect.mapError(discoveryFailed(call.provider)),
    Effect.map(liveCatalog)
  )

import { Kinds } from "@muster/domain"
import { Clock, Effect, Schema } from "effect"
import { type Handler, RequestFailed } from "../request/Handlers.ts"
import { type Cli, CliFailed, Clis } from "../runtime/Clis.ts"
import { RuntimeSet } from "../runtime/RuntimeSet.ts"

const encode = Schema.encodeEffect(Kinds.Ping.result)

/** The limit of a text in a result, in characters. */
const maxLength = 1_024

/** Returns how the ping was delivered and whether the runtime's CLI can run: a slow or broken CLI is a result, not a failure. */
export const makePingHandler = Effect.gen(function*() {
  const clis = yield* Clis
  const set = yield* RuntimeSet

  const look = (cli: Cli | undefined, provider: string) =>
    cli === undefined
      ? Effect.fail(new CliFailed({ verdict: "broken", message: `${provider} is no longer on this machine` }))
      : clis.version(cli)

  const handler: Handler = Effect.fnUntraced(function*({ provider }, _, { at, via }) {
    const cli = (yield* set.state).clis.get(provider)
    const begun = yield* Clock.currentTimeMillis
    const said = yield* look(cli, provider).pipe(Effect.match({
      onSuccess: (version) => ({ cli_version: version.slice(0, maxLength) }),
      onFailure: ({ message, verdict }) => ({ cli_error: message.slice(0, maxLength), cli_verdict: verdict })
    }))
    const now = yield* Clock.currentTimeMillis
    return yield* encode({ transport: via, held_ms: now - at, cli_ms: now - begun, ...said }).pipe(
      Effect.mapError(({ message }) => new RequestFailed({ message }))
    )
  })
  return handler
})

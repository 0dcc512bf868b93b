import { Kinds } from "@muster/domain"
import { Effect, Schema } from "effect"
import { Clis } from "../runtime/Clis.ts"
import { RuntimeSet } from "../runtime/RuntimeSet.ts"
import { type Handler, RequestFailed } from "./Handlers.ts"

const encode = Schema.encodeEffect(Kinds.ModelList.result)

/** Handles requests for models: asks the runtime's CLI. */
export const makeModelListHandler = Effect.gen(function*() {
  const clis = yield* Clis
  const set = yield* RuntimeSet

  const handler: Handler = Effect.fnUntraced(function*({ provider }) {
    const cli = (yield* set.state).clis.get(provider)
    if (cli === undefined) return yield* new RequestFailed({ message: `${provider} is no longer on this machine` })
    const { leftOut, models, source } = yield* clis.listModels(cli).pipe(
      Effect.withSpan("cli", { attributes: { "muster.provider": provider } }, { captureStackTrace: false }),
      Effect.mapError(({ message }) => new RequestFailed({ message }))
    )
    return yield* encode({ models, source, supported: true, ...(leftOut !== undefined && { left_out: leftOut }) }).pipe(
      Effect.mapError((error) =>
        new RequestFailed({ message: `${provider} listed models that cannot be reported: ${error.message}` })
      )
    )
  })
  return handler
})

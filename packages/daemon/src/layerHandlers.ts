import { Kinds } from "@muster/domain"
import { Effect, Layer } from "effect"
import { makePingHandler } from "./ping/PingHandler.ts"
import { Readers } from "./reader/Readers.ts"
import { type Handler, Handlers } from "./request/Handlers.ts"
import { makeModelListHandler } from "./request/ModelListHandler.ts"
import { makeSkillHandler } from "./skill/SkillHandler.ts"
import { makeUpdateHandler } from "./update/UpdateHandler.ts"

/** The handlers of all kinds of requests: a new kind is one line here. */
export const layerHandlers = Layer.effect(
  Handlers,
  Effect.gen(function*() {
    return new Map<string, Handler>([
      [Kinds.ModelList.name, yield* makeModelListHandler],
      [Kinds.LocalSkillList.name, yield* makeSkillHandler(Kinds.LocalSkillList)],
      [Kinds.LocalSkillImport.name, yield* makeSkillHandler(Kinds.LocalSkillImport)],
      [Kinds.Ping.name, yield* makePingHandler],
      [Kinds.Update.name, yield* makeUpdateHandler]
    ])
  })
).pipe(Layer.provide(Readers.layer))

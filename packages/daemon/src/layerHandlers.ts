import { LocalSkillImport, LocalSkillList, ModelList, Ping, Update } from "@muster/domain"
import { Effect, Layer } from "effect"
import { makePingHandler } from "./ping/PingHandler.ts"
import { Readers } from "./reader/Readers.ts"
import { type Handler, Handlers } from "./request/Handlers.ts"
import { makeModelListHandler } from "./request/ModelListHandler.ts"
import { makeSkillHandler } from "./skill/SkillHandler.ts"
import { makeUpdateHandler } from "./update/UpdateHandler.ts"

/** Every kind of request that this daemon can do: a new kind is one line here. */
export const layerHandlers = Layer.effect(
  Handlers,
  Effect.gen(function*() {
    return new Map<string, Handler>([
      [ModelList.name, yield* makeModelListHandler],
      [LocalSkillList.name, yield* makeSkillHandler(LocalSkillList)],
      [LocalSkillImport.name, yield* makeSkillHandler(LocalSkillImport)],
      [Ping.name, yield* makePingHandler],
      [Update.name, yield* makeUpdateHandler]
    ])
  })
).pipe(Layer.provide(Readers.layer))

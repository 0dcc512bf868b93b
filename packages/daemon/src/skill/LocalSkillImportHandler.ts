import { abandonable, type Json, LocalSkillImport } from "@muster/domain"
import { Effect, Option, Schema, Semaphore } from "effect"
import { FileSystem } from "effect/FileSystem"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import { type Handler, RequestFailed } from "../request/Handlers.ts"
import { readBundle } from "./ReadBundle.ts"
import { homeOf, skillRoots } from "./SkillRoots.ts"

const decodeKey = Schema.decodeUnknownOption(Schema.Struct({ skill_key: Schema.String }))

/** How many skills are in memory at the same time, of all runtimes together: 8 MiB each. */
const atOnce = 4

const { bytes: most, text: mostText } = LocalSkillImport.reportBound

/** "Send me this skill, whole." */
export const makeLocalSkillImportHandler = Effect.gen(function*() {
  const fs = yield* FileSystem
  const host = yield* HostEnvironment
  const gate = yield* Semaphore.make(atOnce)

  const read = Effect.fnUntraced(function*(provider: string, payload: Json) {
    const asked = decodeKey(payload)
    const key = Option.isSome(asked) ? asked.value.skill_key : ""
    const skill = yield* readBundle(fs, provider, skillRoots(provider, host), homeOf(host), key).pipe(
      Effect.mapError(({ message }) => new RequestFailed({ message }))
    )
    const result: Json = { skill }
    // Text of nothing but quotes or control characters grows on its way.
    if (Buffer.byteLength(JSON.stringify(result)) > most - 1_024) {
      return yield* new RequestFailed({ message: `local skill exceeds ${mostText} as JSON` })
    }
    return result
  })

  const handler: Handler = ({ provider }, payload) => abandonable(gate.withPermit(read(provider, payload)))
  return handler
})

import { Api, type Task } from "@muster/domain"
import { Console, Effect, Option, Schema, Stream } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Stdio from "effect/Stdio"
import { call } from "../api/Call.ts"
import { jsonText, printable } from "../output/Text.ts"
import { folder as absolute } from "../profile/Home.ts"
import { openNamed } from "../runtime/ManageRuntimes.ts"
import { followTask } from "./FollowTask.ts"
import { afterStream, taskFailure } from "./TaskFailure.ts"

export interface RunInput {
  readonly runtime: string
  readonly prompt: string
  readonly folder: Option.Option<string>
  readonly model: Option.Option<string>
  readonly policy: Task.Policy
  readonly priority: number
  readonly key: Option.Option<string>
  readonly idempotencyKey: Option.Option<string>
  readonly follow: boolean
  readonly workspace: Option.Option<string>
  readonly json: boolean
}

const encode = Schema.encodeSync(Api.TaskRecord)

/** The prompt; `-`: all of stdin. */
const promptFrom = Effect.fnUntraced(function*(text: string) {
  if (text !== "-") return text
  const stdio = yield* Stdio.Stdio
  return yield* stdio.stdin.pipe(Stream.decodeText(), Stream.mkString, Effect.orElseSucceed(() => ""))
})

/** `muster run`: gives a runtime's agent work. */
export const runTask = Effect.fn("runTask")(function*(input: RunInput) {
  const session = yield* openNamed(input)
  const { connection, muster, runtime } = session
  const prompt = yield* promptFrom(input.prompt)
  const folder = Option.isSome(input.folder) ? yield* absolute(input.folder.value) : null
  const task = yield* muster.tasks.create({
    headers: Option.isSome(input.idempotencyKey) ? { "idempotency-key": input.idempotencyKey.value } : {},
    payload: {
      runtimeId: runtime.id,
      prompt,
      folder,
      model: Option.getOrNull(input.model),
      policy: input.policy,
      priority: input.priority,
      key: Option.getOrNull(input.key)
    }
  }).pipe(call(connection))
  if (!input.follow) {
    if (input.json) return yield* Console.log(jsonText(encode(task)))
    return yield* Console.log(
      `${printable(runtime.name)} has task ${task.id}${
        runtime.status === "online" ? "" : ", and starts it when it is online"
      }\n` +
        `next:  follow it: muster tasks log -f ${task.id.slice(0, 8)}`
    )
  }
  const ended = yield* followTask(session, task.id, input.json)
  const failure = ended === undefined ? undefined : taskFailure(ended)
  if (failure !== undefined) return yield* input.json ? afterStream(failure) : failure
}, Effect.provide(FetchHttpClient.layer))

import { Api, type Runtime, type Task } from "@muster/domain"
import { Effect, Schema } from "effect"
import type { Call } from "./Caller.ts"
import { Refused, type ServerError, type Unreachable } from "./ServerError.ts"
import { type HeldTask, TaskServer } from "./TaskServer.ts"

type Post = <A>(call: Omit<Call<A>, "method" | "deadline">) => Effect.Effect<A, ServerError>

const encode = {
  claim: Schema.encodeSync(Api.ClaimTasksBody),
  beat: Schema.encodeSync(Api.TaskBeatBody),
  inventory: Schema.encodeSync(Api.InventoryBody),
  append: Schema.encodeSync(Api.AppendBody),
  settle: Schema.encodeSync(Api.SettleBody)
}

const root = "/api/daemon/tasks"

/** "Runtime not found" is unexpected for a call that names a task. */
const notGone = (error: ServerError): Refused | Unreachable =>
  error._tag === "Gone" ? new Refused({ operation: error.operation, status: 404, body: "task not found" }) : error

const isAbsent = (error: ServerError) =>
  error._tag === "Gone" || (error._tag === "Refused" && error.status === 404 && error.body.includes("task not found"))

const superseded: Api.FencedReply = { ok: false, status: "superseded" }

/** The calls for tasks over HTTP. Source of routes and bodies: `docs/protocol.md`, the section about tasks of our daemon. */
export const httpTaskServer = (daemonId: () => string, post: Post) => {
  const fenced = (word: string, { epoch, id }: HeldTask, body: object = {}) =>
    post({
      operation: `${word} task ${id}`,
      path: `${root}/${id}/${word}`,
      body: { epoch, ...body },
      reply: Api.FencedReply
    }).pipe(
      Effect.catchIf(isAbsent, () => Effect.succeed(superseded)),
      Effect.mapError(notGone)
    )

  return TaskServer.of({
    mustAsk: Effect.succeed(false),
    claim: ({ max, runtimeIds, slots }) =>
      post({
        operation: "claim tasks",
        path: `${root}/claim`,
        body: encode.claim({ daemonId: daemonId(), runtimeIds, maxTasks: max, slots }),
        reply: Api.ClaimTasksReply
      }).pipe(Effect.mapError(notGone)),

    beat: (held) =>
      post({
        operation: "beat of tasks",
        path: `${root}/beat`,
        body: encode.beat({ daemonId: daemonId(), tasks: held }),
        reply: Api.TaskBeatReply
      }).pipe(Effect.map(({ orders }) => orders), Effect.mapError(notGone)),

    inventory: (runtimeIds: ReadonlyArray<Runtime.RuntimeId>, held) =>
      post({
        operation: "inventory of tasks",
        path: `${root}/inventory`,
        body: encode.inventory({ daemonId: daemonId(), runtimeIds, tasks: held }),
        reply: Api.InventoryReply
      }).pipe(Effect.map(({ stop }) => stop), Effect.mapError(notGone)),

    renew: (task) => fenced("renew", task),
    release: (task) => fenced("release", task),
    begin: (task) => fenced("begin", task),
    pin: (task, session) => fenced("pin", task, { session }),

    append: ({ epoch, id }: { readonly id: Task.TaskId; readonly epoch: number }, events) =>
      post({
        operation: `events of task ${id}`,
        path: `${root}/${id}/events`,
        body: encode.append({ epoch, events }),
        reply: Api.AppendReply
      }).pipe(
        Effect.catchIf(isAbsent, () => Effect.succeed<Api.AppendReply>({ status: "superseded", next: 1 })),
        Effect.mapError(notGone)
      ),

    settle: ({ epoch, id }, end) => fenced("settle", { id, epoch }, encode.settle({ epoch, ...end }))
  })
}

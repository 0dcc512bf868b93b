import { Api, Security, type Store, Task, TaskQueue, Token, WireError } from "@muster/domain"
import { Effect, Layer, Option, Redacted } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { hashToken } from "../access/Authenticator.ts"
import { Limits } from "../limit/Limits.ts"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"
import { taskTokenPrefix } from "./TaskTokens.ts"
import { makeTaskView } from "./TaskView.ts"

const ended = () =>
  new WireError.Unauthenticated({
    error: "this task token is unknown or has ended: it ends with its task, and after 24 hours",
    code: "task_token_ended"
  })

const isTaskToken = (token: string) => token.startsWith(taskTokenPrefix) && Token.isWellFormedSecret(token)

const unloadable = (cause: Store.StoreUnavailable) => WireError.fault("failed to load task", cause)

/** Each call reads the store, so a token ends with its task at once, and with the task's runtime. */
const layerTaskAuth = Layer.effect(
  Security.TaskAuth,
  Effect.gen(function*() {
    const queue = yield* TaskQueue.TaskQueue
    const limits = yield* Limits
    const directory = yield* RuntimeDirectory
    const isAlive = (task: Task.Task) =>
      Task.isTerminal(task)
        ? Effect.succeed(false)
        : Effect.map(directory.find(task.runtimeId), ({ _tag }) => _tag === "Found")
    const taskOf = Effect.fnUntraced(function*(token: string) {
      if (!isTaskToken(token)) return yield* WireError.missingAuthorization()
      const task = yield* Effect.mapError(queue.byToken(hashToken(token)), unloadable)
      if (Option.isSome(task) && (yield* Effect.mapError(isAlive(task.value), unloadable))) return task.value
      yield* limits.takeOfCaller("wrong_tokens")
      return yield* ended()
    })
    return Security.TaskAuth.of({
      bearer: (app, { credential }) =>
        Effect.flatMap(
          taskOf(Redacted.value(credential)),
          (task) => Effect.provideService(app, Security.CallingTask, task)
        )
    })
  })
)

/** What an agent may call with the token of its task. */
export const layerOwnTaskRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "ownTask",
  Effect.fn(function*(handlers) {
    const { record } = yield* makeTaskView
    return handlers.handleAll({ show: () => Effect.flatMap(Security.CallingTask, record) })
  })
).pipe(Layer.provide(layerTaskAuth))

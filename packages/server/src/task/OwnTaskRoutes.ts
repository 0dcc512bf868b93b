import { Api, Task, TaskQueue, Token, WireError } from "@muster/domain"
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { hashToken } from "../access/Authenticator.ts"
import { taskTokenPrefix } from "./TaskTokens.ts"
import { makeTaskView } from "./TaskView.ts"

const bearer = "Bearer "

const ended = () =>
  new WireError.Unauthenticated({
    error: "this task token is unknown or has ended: it ends with its task, and after 24 hours",
    code: "task_token_ended"
  })

/** The hash of a task token in the header `Authorization`; none: it is not one. */
const hashFrom = (authorization: string | undefined): Option.Option<string> => {
  if (authorization === undefined || !authorization.startsWith(bearer)) return Option.none()
  const token = authorization.slice(bearer.length)
  return token.startsWith(taskTokenPrefix) && Token.isWellFormedSecret(token)
    ? Option.some(hashToken(token))
    : Option.none()
}

/** What an agent may call with the token of its task. Each call reads the store, so the token ends with the task at once. */
export const layerOwnTaskRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "ownTask",
  Effect.fn(function*(handlers) {
    const queue = yield* TaskQueue.TaskQueue
    const { record } = yield* makeTaskView
    return handlers.handleAll({
      show: Effect.fnUntraced(function*({ request }) {
        const hash = hashFrom(request.headers["authorization"])
        if (Option.isNone(hash)) return yield* WireError.missingAuthorization()
        const task = yield* Effect.mapError(
          queue.byToken(hash.value),
          (cause) => WireError.fault("failed to load task", cause)
        )
        if (Option.isNone(task) || Task.isTerminal(task.value)) return yield* ended()
        return yield* record(task.value)
      })
    })
  })
)

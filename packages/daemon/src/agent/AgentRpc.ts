import { Deferred, Effect, Predicate, type Scope } from "effect"
import { sanitizeOutput } from "../process/sanitizeOutput.ts"
import { AgentFailed, type AgentStart } from "./AgentDriver.ts"
import { type AgentProcess, startAgentProcess } from "./AgentProcess.ts"

type Fields = Readonly<Record<string, unknown>>

/** What the agent sends on its own. */
export interface RpcHandlers {
  readonly onNotification: (method: string, params: Fields) => Effect.Effect<void>
  /** Its result; undefined: the method is not known. The agent waits. */
  readonly onRequest: (method: string, params: Fields) => Effect.Effect<unknown>
  readonly onNotice: (text: string) => Effect.Effect<void>
}

/** A JSON-RPC 2.0 peer on an agent's stdio. Source: https://www.jsonrpc.org/specification. */
export interface AgentRpc extends AgentProcess {
  /** Fails as `died` if the agent ends, `refused` with its words if it answers with an error. */
  readonly request: (method: string, params: unknown) => Effect.Effect<Fields, AgentFailed>
  readonly notify: (method: string, params?: unknown) => Effect.Effect<void>
}

export const fieldsOf = (value: unknown): Fields => Predicate.isObject(value) ? value as Fields : {}

const wordsOf = (error: unknown): string => {
  const { data, message } = fieldsOf(error)
  const details = fieldsOf(data)["details"] ?? fieldsOf(data)["message"]
  return sanitizeOutput([message, details].filter((part) => typeof part === "string").join(": "))
}

/**
 * Starts an agent and a JSON-RPC connection with it, for the scope. Written here although ACP has a library: that one reads on
 * while its handlers wait, so the agent's output would pile up in memory, and it drops a message that it does not know.
 */
export const startAgentRpc = Effect.fnUntraced(function*(
  start: AgentStart,
  options: { readonly name: string; readonly args: ReadonlyArray<string> },
  handlers: RpcHandlers
): Effect.fn.Return<AgentRpc, AgentFailed, Scope.Scope> {
  const waiting = new Map<number, Deferred.Deferred<Fields>>()
  let last = 0
  let send: AgentProcess["send"]

  const answer = (id: unknown, method: string, params: Fields) =>
    handlers.onRequest(method, params).pipe(
      Effect.flatMap((result) =>
        send(
          result === undefined
            ? { jsonrpc: "2.0", id, error: { code: -32601, message: `method not found: ${method}` } }
            : { jsonrpc: "2.0", id, result }
        )
      )
    )

  const onMessage = (message: Fields): Effect.Effect<void> => {
    const { id, method } = message
    if (typeof method === "string") {
      const params = fieldsOf(message["params"])
      return id === undefined ? handlers.onNotification(method, params) : answer(id, method, params)
    }
    const asked = waiting.get(Number(id))
    return asked === undefined ? Effect.void : Effect.asVoid(Deferred.succeed(asked, message))
  }

  const agent = yield* startAgentProcess(start, { ...options, onMessage, onNotice: handlers.onNotice })
  send = agent.send

  const request = (method: string, params: unknown) =>
    Effect.suspend(() => {
      const id = ++last
      const reply = Deferred.makeUnsafe<Fields>()
      waiting.set(id, reply)
      return agent.send({ jsonrpc: "2.0", id, method, params }).pipe(
        Effect.andThen(Effect.raceFirst(Deferred.await(reply), agent.ended)),
        Effect.ensuring(Effect.sync(() => waiting.delete(id)))
      )
    }).pipe(
      Effect.flatMap((reply) =>
        reply["error"] === undefined
          ? Effect.succeed(fieldsOf(reply["result"]))
          : Effect.fail(
            new AgentFailed({
              reason: "refused",
              message: `${options.name} refused ${method}: ${wordsOf(reply["error"])}`
            })
          )
      )
    )

  return {
    ...agent,
    request,
    notify: (method, params) => agent.send({ jsonrpc: "2.0", method, ...(params !== undefined && { params }) })
  }
})

import { Request, type RequestKind, RequestStore, type Runtime, Store } from "@muster/domain"
import { Clock, Effect, Layer, Option } from "effect"
import { RedisConnection } from "../connection/RedisConnection.ts"
import { runScript, type Script } from "../script/Script.ts"
import { fieldNames, type Fields, headOf, outcomeOf, requestOf } from "./Record.ts"
import { loadScripts } from "./Scripts.ts"

const admissions = { Coalesce: "coalesce", Exclusive: "exclusive", Many: "many" } as const satisfies Record<
  RequestKind.Admission["_tag"],
  string
>

type Created = readonly ["made"] | readonly ["full"] | readonly ["coalesce" | "exclusive", Fields]
type Reported = readonly ["settled" | "already", Fields] | readonly ["absent"]

/** The request of these fields; undefined: no such record. */
const keptOf = (fields: Fields | readonly [null] | null) =>
  fields === null || fields[0] === null ? undefined : requestOf(fields)

const unreadable = "Redis returned a record that Muster did not write"

/** How long (ms) a request waits before its place in the queue is checked: most are picked up before. */
const restoreAfter = 5_000

/** Neither a limit nor the retention has passed, and it has not waited for long. */
const isAsItStands = (request: Request.Request, now: number) =>
  Request.elapse(request, now) === request && !Request.isExpired(request, now) &&
  (request.state._tag !== "Pending" || now - request.createdAt < restoreAfter)

const make = Effect.gen(function*() {
  const { commands, guard, prefix } = yield* RedisConnection
  const scripts = yield* loadScripts
  const keyOf = (runtime: Runtime.RuntimeId) => `${prefix}{${runtime}}:requests`

  /** One call about the runtime with this key; `read` reads its reply and may throw if Muster did not write it. */
  const send = <Reply, A>(
    operation: string,
    key: string,
    command: () => Promise<unknown>,
    read: (reply: Reply) => A
  ): Effect.Effect<A, Store.StoreUnavailable> =>
    Effect.flatMap(guard.pass(operation, key, command), (reply) =>
      Effect.try({
        try: () => read(reply as Reply),
        catch: (cause) => new Store.StoreUnavailable({ operation, cause, backend: "Redis", reason: unreadable })
      }))

  /** One script about one runtime. */
  const call = <Reply, A>(
    operation: string,
    script: Script,
    runtime: Runtime.RuntimeId,
    args: ReadonlyArray<string | number>,
    read: (reply: Reply) => A
  ): Effect.Effect<A, Store.StoreUnavailable> => {
    const key = keyOf(runtime)
    return send(operation, key, () => runScript(commands, script, key, args), read)
  }

  const create: RequestStore.RequestStore["Service"]["create"] = Effect.fnUntraced(function*(input) {
    const { kind: { name, terms }, runtimeId } = input
    const { admission } = terms
    const id = yield* Request.randomId
    const now = yield* Clock.currentTimeMillis
    const made = Request.make({ ...input, id, now })
    const args = [
      now,
      id,
      name,
      headOf(made),
      admissions[admission._tag],
      admission._tag === "Many" ? admission.max : 1,
      terms.pending,
      terms.running,
      terms.retention,
      terms.deliveries,
      terms.redeliverAfter
    ]
    const [answer, request] = yield* call(
      "RequestStore.create",
      scripts.create,
      runtimeId,
      args,
      ([answer, fields]: Created) => {
        if (answer === "full") return [answer, undefined] as const
        return [answer, answer === "made" ? made : requestOf(fields)] as const
      }
    )
    if (request === undefined) {
      return yield* new RequestStore.RequestsFull({ kind: name, max: admission._tag === "Many" ? admission.max : 1 })
    }
    if (answer === "exclusive" && admission._tag === "Exclusive") {
      return yield* new RequestStore.RequestConflict({ id: request.id, text: admission.conflict })
    }
    return { request, created: answer === "made" }
  })

  return RequestStore.RequestStore.of({
    create,
    get: Effect.fnUntraced(function*(runtime, id) {
      const operation = "RequestStore.get"
      const key = keyOf(runtime)
      const now = yield* Clock.currentTimeMillis
      const kept = yield* send(operation, key, () => commands.hmget(`${key}:id:${id}`, ...fieldNames), keptOf)
      // A script only if there is something to write: a limit that passed, or a lost place in a queue.
      const request = kept === undefined || isAsItStands(kept, now)
        ? kept
        : yield* call(operation, scripts.get, runtime, [now, id], keptOf)
      return Option.fromUndefinedOr(request)
    }),
    // No script: one command on one key, which an idle runtime does not even have.
    waiting: (runtime) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) =>
          guard.pass("RequestStore.waiting", keyOf(runtime), () =>
            commands.zrangebyscore(keyOf(runtime), "-inf", `(${now}`))
      ),
    claim: (runtime, wanted) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        call(
          "RequestStore.claim",
          scripts.claim,
          runtime,
          [now, ...wanted.flatMap(({ kind, max }) => [kind, max])],
          (records: ReadonlyArray<Fields>) => records.map(requestOf)
        )),
    settle: (runtime, id, outcome) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) =>
          call("RequestStore.settle", scripts.settle, runtime, [now, id, ...outcomeOf(outcome)], (
            [answer, fields]: Reported
          ): RequestStore.Settled =>
            fields === undefined
              ? { _tag: "Absent" }
              : { _tag: answer === "settled" ? "Settled" : "AlreadySettled", request: requestOf(fields) })
      )
  })
})

/**
 * Requests of every kind in Redis. Each operation is one script or, for the probe and an ordinary read, one command, on
 * keys of one slot; so it is atomic, on a cluster too. Every key has a time to live.
 */
export const RequestStoreRedis = {
  layer: Layer.effect(RequestStore.RequestStore, make) satisfies Layer.Layer<
    RequestStore.RequestStore,
    never,
    RedisConnection
  >
}

import {
  type Admission,
  makeRequest,
  randomRequestId,
  type Request,
  RequestConflict,
  RequestsFull,
  RequestStore,
  type RuntimeId,
  type Settled,
  StoreUnavailable
} from "@muster/domain"
import { Clock, Effect, Layer, Option } from "effect"
import { RedisConnection } from "../connection/RedisConnection.ts"
import { type Fields, headOf, outcomeOf, pendingOf, requestOf } from "./Record.ts"
import { loadScripts, runScript, type Script } from "./Scripts.ts"

const admissions = { Coalesce: "coalesce", Exclusive: "exclusive", Many: "many" } as const satisfies Record<
  Admission["_tag"],
  string
>

type Created = readonly ["made"] | readonly ["full"] | readonly ["coalesce" | "exclusive", Fields]
type Reported = readonly ["settled" | "already", Fields] | readonly ["absent"]

const make = Effect.gen(function*() {
  const { commands, gate, prefix } = yield* RedisConnection
  const scripts = yield* loadScripts
  const keyOf = (runtime: RuntimeId) => `${prefix}{${runtime}}:requests`

  /** One script about one runtime; its reply is read by `read`, which may throw at what no script of ours wrote. */
  const call = <Reply, A>(
    operation: string,
    script: Script,
    runtime: RuntimeId,
    args: ReadonlyArray<string | number>,
    read: (reply: Reply) => A
  ): Effect.Effect<A, StoreUnavailable> =>
    gate.pass(operation, keyOf(runtime), () => runScript(commands, script, keyOf(runtime), args)).pipe(
      Effect.flatMap((reply) =>
        Effect.try({
          try: () => read(reply as Reply),
          catch: (cause) => new StoreUnavailable({ operation, cause })
        })
      )
    )

  const create: RequestStore["Service"]["create"] = Effect.fnUntraced(function*(input) {
    const { kind: { name, terms }, runtimeId } = input
    const { admission } = terms
    const id = yield* randomRequestId
    const now = yield* Clock.currentTimeMillis
    const head = headOf(makeRequest({ ...input, id, now }))
    const args = [
      now,
      id,
      name,
      head,
      admissions[admission._tag],
      admission._tag === "Many" ? admission.most : 1,
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
        return [answer, requestOf(answer === "made" ? pendingOf(head, now) : fields)] as const
      }
    )
    if (request === undefined) {
      return yield* new RequestsFull({ kind: name, most: admission._tag === "Many" ? admission.most : 1 })
    }
    if (answer === "exclusive" && admission._tag === "Exclusive") {
      return yield* new RequestConflict({ id: request.id, text: admission.conflict })
    }
    return { request, created: answer === "made" }
  })

  return RequestStore.of({
    create,
    get: (runtime, id) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) =>
          call("RequestStore.get", scripts.get, runtime, [now, id], (fields: Fields | null) =>
            fields === null ? Option.none<Request>() : Option.some(requestOf(fields)))
      ),
    // No script: one command on one key, which an idle runtime does not even have.
    waiting: (runtime) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) =>
          gate.pass("RequestStore.waiting", keyOf(runtime), () =>
            commands.zrangebyscore(keyOf(runtime), "-inf", `(${now}`))
      ),
    claim: (runtime, wanted) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        call(
          "RequestStore.claim",
          scripts.claim,
          runtime,
          [now, ...wanted.flatMap(({ kind, most }) => [kind, most])],
          (records: ReadonlyArray<Fields>) => records.map(requestOf)
        )),
    settle: (runtime, id, outcome) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) =>
          call("RequestStore.settle", scripts.settle, runtime, [now, id, ...outcomeOf(outcome)], (
            [answer, fields]: Reported
          ): Settled =>
            fields === undefined
              ? { _tag: "Absent" }
              : { _tag: answer === "settled" ? "Settled" : "AlreadySettled", request: requestOf(fields) })
      )
  })
})

/**
 * Requests of every kind in Redis. Each operation is one script, or for the probe one command, on keys of one slot; so it
 * is atomic, on a cluster too. Every key has a time to live.
 */
export const RequestStoreRedis = {
  layer: Layer.effect(RequestStore, make) satisfies Layer.Layer<RequestStore, never, RedisConnection>
}

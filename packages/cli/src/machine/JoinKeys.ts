import { Api } from "@muster/domain"
import { Console, Effect, Option, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession } from "../api/Session.ts"
import { printTable } from "../output/Table.ts"
import { jsonText, printable } from "../output/Text.ts"
import { findKey } from "./FindMachine.ts"

interface Input {
  readonly workspace: Option.Option<string>
  readonly json: boolean
}

const keyJson = Schema.encodeSync(Api.JoinKeyRecord)
const newKeyJson = Schema.encodeSync(Api.NewJoinKeyRecord)

const headings = ["NAME", "STATE", "USES", "UNTIL", "LABELS", "OWNER", "ID"]

/** `muster machines keys list`: lists the join keys of the workspace. */
export const listKeys = Effect.fn("listKeys")(function*(input: Input) {
  const { connection, muster } = yield* openSession(input.workspace)
  const keys = yield* muster.machines.keys().pipe(call(connection))
  if (input.json) return yield* Console.log(jsonText({ keys: keys.map((key) => keyJson(key)) }))
  if (keys.length === 0) {
    return yield* Console.error("There are no join keys.\nnext:  create one: muster machines keys create")
  }
  yield* printTable(
    headings,
    keys.map(({ ephemeral, expiresAt, id, labels, maxUses, name, ownerName, state, uses }) => [
      printable(name),
      `${state}${ephemeral ? ", ephemeral" : ""}`,
      maxUses === null ? String(uses) : `${uses} of ${maxUses}`,
      new Date(expiresAt).toISOString().slice(0, 10),
      labels.join(" "),
      printable(ownerName),
      id
    ])
  )
}, Effect.provide(FetchHttpClient.layer))

const given = <Name extends string, A>(name: Name, value: Option.Option<A>) =>
  (Option.isSome(value) ? { [name]: value.value } : {}) as { readonly [K in Name]?: A }

/** `muster machines keys create`: creates a join key and prints it, once. */
export const createKey = Effect.fn("createKey")(function*(
  input: Input & {
    readonly name: Option.Option<string>
    readonly label: ReadonlyArray<string>
    readonly ephemeral: boolean
    readonly maxUses: Option.Option<number>
    readonly days: Option.Option<number>
  }
) {
  const { connection, muster } = yield* openSession(input.workspace)
  const made = yield* muster.machines.createKey({
    payload: {
      labels: input.label,
      ephemeral: input.ephemeral,
      ...given("name", input.name),
      ...given("maxUses", input.maxUses),
      ...given("expiresInDays", input.days)
    }
  }).pipe(call(connection))
  if (input.json) return yield* Console.log(jsonText(newKeyJson(made)))
  yield* Console.error(
    `This key is shown once. Machines join with it until ${new Date(made.expiresAt).toISOString().slice(0, 10)}: ` +
      "muster join, or MUSTER_JOIN_KEY and MUSTER_SERVER_URL for muster daemon\n"
  )
  yield* Console.log(made.key)
}, Effect.provide(FetchHttpClient.layer))

/** `muster machines keys revoke`: revokes a join key. */
export const revokeKey = Effect.fn("revokeKey")(function*(input: Input & { readonly key: string }) {
  const { connection, muster } = yield* openSession(input.workspace)
  const keys = yield* muster.machines.keys().pipe(call(connection))
  const { id } = yield* findKey(keys, input.key)
  const revoked = yield* muster.machines.revokeKey({ params: { keyId: id } }).pipe(call(connection))
  if (input.json) return yield* Console.log(jsonText(keyJson(revoked)))
  yield* Console.log(`${printable(revoked.name)} admits no more machines; those that joined with it stay`)
}, Effect.provide(FetchHttpClient.layer))

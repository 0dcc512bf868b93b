import { assert, describe, it } from "@effect/vitest"
import { Runtime } from "@muster/domain"
import { Effect } from "effect"
import type { Send } from "../../src/client/LegacyCall.ts"
import { makeLegacyClaims } from "../../src/client/LegacyClaims.ts"
import { Gone, Refused, type ServerError } from "../../src/client/ServerError.ts"
import { broken, workspaceId } from "../support/FakeServer.ts"

const runtime = (n: number) => Runtime.RuntimeId.make(`bbbbbbbb-0000-4000-8000-00000000000${n}`)
const [A, B, C] = [runtime(1), runtime(2), runtime(3)]

/** A server whose runtimes have this many tasks of these fields, or answer with an error. */
const server = (of: Readonly<Record<string, number | ServerError>>, fields: object = { chat_message: "hello" }) => {
  const left = new Map(Object.entries(of))
  const paths: Array<string> = []
  const send = ((call: Parameters<Send>[0]) =>
    Effect.suspend((): Effect.Effect<unknown, ServerError> => {
      paths.push(call.path)
      const id = call.path.split("/")[4]!
      if (!call.path.endsWith("/claim")) return Effect.void
      const has = left.get(id) ?? 0
      if (typeof has !== "number") return Effect.fail(has)
      left.set(id, has - 1)
      const task = {
        id: crypto.randomUUID(),
        runtime_id: id,
        workspace_id: workspaceId(1),
        chat_session_id: "cccccccc-0000-4000-8000-000000000001",
        ...fields
      }
      return Effect.succeed({ task: has > 0 ? task : null })
    })) as Send
  return { send, paths, claims: () => paths.flatMap((path) => path.endsWith("/claim") ? [path.split("/")[4]] : []) }
}

describe("claims at a v0.3.1 server", () => {
  it.effect("T-38 go to each runtime until it has nothing, and begin with another one each round", () =>
    Effect.gen(function*() {
      const { claims, send } = server({ [A]: 1, [B]: 5 })
      const claim = yield* makeLegacyClaims(send)
      const { tasks } = yield* claim([A, B, C], 3)
      assert.deepStrictEqual(tasks.map(({ runtimeId }) => runtimeId), [A, B, B])
      assert.deepStrictEqual(claims(), [A, A, B, B])
      assert.deepStrictEqual((yield* claim([A, B, C], 1)).tasks.map(({ runtimeId }) => runtimeId), [B])
      yield* claim([A, B, C], 0)
      assert.lengthOf(claims(), 5)
    }))

  it.effect("T-38 pass over a runtime that is answered with an error, and report one that is gone", () =>
    Effect.gen(function*() {
      const refused = new Refused({ operation: "claim", status: 404, body: "not found" })
      const { send } = server({ [A]: broken(500), [B]: new Gone({ operation: "claim" }), [C]: 1 })
      const claim = yield* makeLegacyClaims(send)
      const { gone, tasks } = yield* claim([A, B, C], 3)
      assert.deepStrictEqual([gone, tasks.map(({ runtimeId }) => runtimeId)], [[B], [C]])
      const other = yield* makeLegacyClaims(server({ [A]: refused }).send)
      assert.strictEqual(yield* Effect.flip(other([A], 1)), refused)
    }))

  it.effect("T-38 keep what was claimed when the server then does not answer", () =>
    Effect.gen(function*() {
      const away = Object.assign(broken(500), { status: null })
      const { claims, send } = server({ [A]: 1, [B]: away, [C]: 1 })
      const claim = yield* makeLegacyClaims(send)
      assert.deepStrictEqual((yield* claim([A, B, C], 3)).tasks.map(({ runtimeId }) => runtimeId), [A])
      assert.deepStrictEqual(claims(), [A, A, B])
    }))

  it.effect("T-38 end a round after 32 tasks that cannot run, each of which is failed", () =>
    Effect.gen(function*() {
      const { claims, paths, send } = server({ [A]: 100 }, { chat_message: "" })
      const claim = yield* makeLegacyClaims(send)
      assert.deepStrictEqual(yield* claim([A], 1), { tasks: [], gone: [] })
      assert.lengthOf(claims(), 32)
      assert.lengthOf(paths.filter((path) => path.endsWith("/fail")), 32)
    }))
})

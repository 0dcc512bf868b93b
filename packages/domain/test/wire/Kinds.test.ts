import { assert, describe, it } from "@effect/vitest"
import { Ack, DaemonSocket, Kinds, Report, Request, type RequestKind, Runtime, SkillPath } from "@muster/domain"
import { Result, Schema } from "effect"

const runtimeId = Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000000")

const request = (payload: Request.Json, n: number) =>
  Request.make({
    id: Request.RequestId.make(n.toString(16).padStart(32, "0")),
    kind: Kinds.LocalSkillImport,
    runtimeId,
    payload,
    by: null,
    now: 0
  })

describe("kinds of requests as data", () => {
  it("kinds share no name, path or ack field", () => {
    const words = (of: (kind: RequestKind.RequestKind) => ReadonlyArray<string | undefined>) =>
      Kinds.all.flatMap(of).filter((word) => word !== undefined)
    for (
      const all of [
        words(({ name }) => [name]),
        words(({ many, path }) => [path, many?.path]),
        words(({ ackField, batch }) => [ackField, batch?.field])
      ]
    ) assert.strictEqual(new Set(all).size, all.length)
  })

  it("6.4 a full batch of imports with the longest keys fits a frame, with any other requests", () => {
    const key = "\u20AC".repeat(SkillPath.maxKey)
    assert.isUndefined(SkillPath.refuseKey(key))
    const payload = { skill_key: key, name: "n".repeat(256), description: "\"".repeat(8_192), overwrite: true }
    const requests = Array.from({ length: Kinds.LocalSkillImport.batch.max }, (_, n) => request(payload, n))
    const work = Ack.write(Kinds.all, requests, true)
    assert.isBelow(Buffer.byteLength(DaemonSocket.ackFrame(runtimeId, work)), DaemonSocket.maxFrameToDaemon)
    assert.deepStrictEqual(work[Kinds.LocalSkillImport.batch.field], requests.map(({ id }) => ({ id, skill_key: key })))
  })

  it("7.9 a kind that acknowledges: `running` changes nothing, and another status is refused by name", () => {
    const kind: RequestKind.RequestKind = { ...Kinds.LocalSkillImport, report: Schema.Struct({}), acknowledged: true }
    const said = (body: unknown) =>
      Result.match(Report.decoder(kind)(body), {
        onFailure: ({ answer }) => answer.error,
        onSuccess: ({ _tag }) => _tag
      })
    assert.strictEqual(said({ status: "running" }), "Running")
    assert.strictEqual(said({ status: "completed" }), "Completed")
    assert.strictEqual(said({ status: "failed", error: "no" }), "Failed")
    assert.strictEqual(said({ status: "dancing" }), "invalid status: dancing")
    assert.strictEqual(said({}), "invalid status: ")
    assert.strictEqual(said({ status: 1 }), "invalid request body")
  })
})

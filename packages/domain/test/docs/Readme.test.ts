import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { readFileSync } from "node:fs"
import { Ack, Api, Report, Request, Runtime } from "../../src/index.ts"
import { readmeBlock } from "./readmeBlock.ts"
import { Uptime } from "./Uptime.ts"

const request = Request.make({
  id: Request.RequestId.make("0".repeat(32)),
  kind: Uptime,
  runtimeId: Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000000"),
  payload: {},
  by: null,
  now: 0
})

describe("the kind of request of docs/extending.md", () => {
  it("the example in the docs equals the one tested here", () => {
    const tested = readFileSync(new URL("Uptime.ts", import.meta.url), "utf8")
    assert.strictEqual(readmeBlock("import { Schema }").replaceAll("from \"../", "from \"../../src/request/"), tested)
  })

  it("the new kind reaches the daemon and returns through the code for all kinds", () => {
    const ack = Ack.write([Uptime], [request], false)
    assert.deepStrictEqual(ack, { pending_uptime: { id: request.id } })
    assert.deepStrictEqual(Ack.read([Uptime], ack), [{ kind: "uptime", id: request.id, payload: {} }])
    const outcome = Result.getOrThrow(Report.decoder(Uptime)({ status: "completed", seconds: 12.5 }))
    const record = Api.publicRecord(Uptime, Request.settle(request, outcome as Request.Outcome, 5))
    assert.strictEqual(record["status"], "completed")
    assert.strictEqual(record["seconds"], 12.5)
  })
})

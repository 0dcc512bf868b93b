import { assert, describe, it } from "@effect/vitest"
import { Kinds, PingLights, Report, Request, type RequestKind, Runtime } from "@muster/domain"

const request = (kind: RequestKind.RequestKind, state: Request.RequestState): Request.Request => ({
  id: Request.RequestId.make("0".repeat(32)),
  runtimeId: Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000000"),
  kind: kind.name,
  payload: {},
  terms: kind.terms,
  by: null,
  state,
  createdAt: 1,
  updatedAt: 5
})

const models = (result: Request.Json) => PingLights.attemptOf(request(Kinds.ModelList, { _tag: "Completed", result }))
const failed = (error: string) => PingLights.attemptOf(request(Kinds.ModelList, { _tag: "Failed", error }))
const ping = (result: Request.Json) => PingLights.attemptOf(request(Kinds.Ping, { _tag: "Completed", result }))

describe("what a request shows about a CLI", () => {
  it("F-12 a list that the CLI reported is a use that worked; a fixed list is one that did not", () => {
    assert.deepStrictEqual(models({ models: [], source: "live" }), { used: { at: 5, outcome: "worked", text: "" } })
    assert.strictEqual(models({ models: [], source: "fallback" })?.used?.outcome, "unable")
    // v0.3.1 sends no source: its list may be a fixed one.
    assert.isUndefined(models({ models: [] }))
  })

  it("F-12 the daemon's text decides between slow and unable; what the server refused shows nothing", () => {
    assert.deepStrictEqual(failed("codex is slow: no answer in 15 s; ask again"), {
      used: { at: 5, outcome: "slow", text: "codex is slow: no answer in 15 s; ask again" }
    })
    assert.strictEqual(failed(`not signed in\n${"x".repeat(999)}`)?.used?.text.length, 300)
    assert.strictEqual(failed("not signed in")?.used?.outcome, "unable")
    assert.isUndefined(failed(Report.refusedReport("models[0].id is missing")))
  })

  it("F-12 a ping shows whether the CLI starts and why not, and never that it was used", () => {
    assert.deepStrictEqual(ping({ cli_version: "1.2.3" }), { started: { at: 5, outcome: "worked", text: "1.2.3" } })
    assert.strictEqual(ping({ cli_error: "no answer", cli_verdict: "slow" })?.started?.outcome, "slow")
    assert.strictEqual(ping({ cli_error: "exit code 127" })?.started?.outcome, "broken")
  })

  it("F-12 a timeout and other kinds show nothing", () => {
    assert.isUndefined(
      PingLights.attemptOf(request(Kinds.ModelList, { _tag: "TimedOut", error: "x", startedAt: null }))
    )
    assert.isUndefined(PingLights.attemptOf(request(Kinds.LocalSkillList, { _tag: "Failed", error: "x" })))
  })
})

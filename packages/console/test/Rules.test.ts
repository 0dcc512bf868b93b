import { assert, describe, it } from "@effect/vitest"
import { type Api, Identity, Kinds, type Model, Runtime } from "@muster/domain"
import { deletedRuntimes } from "../src/fleet/DeletedRuntimes.ts"
import { maxShown, modelGroups } from "../src/models/ModelGroups.ts"
import { stages, timedOutWaiting } from "../src/request/RequestStages.tsx"
import { span, spanLeft } from "../src/ui/Ago.tsx"

const uuid = (n: number) => `${String(n).padStart(8, "0")}-0000-4000-8000-000000000000`

const runtime = (
  n: number,
  daemon: string,
  provider: string,
  fields: Partial<Api.RuntimeRecord> = {}
): Api.RuntimeRecord => ({
  id: Runtime.RuntimeId.make(uuid(n)),
  workspaceId: Identity.WorkspaceId.make(uuid(0)),
  daemonId: Identity.DaemonId.make(daemon),
  name: `${provider} (${daemon})`,
  runtimeMode: "local",
  provider,
  launchHeader: "",
  status: "online",
  deviceInfo: `${daemon} · 1.2.3`,
  metadata: { version: "1.2.3" },
  ownerId: null,
  visibility: "private",
  timezone: "UTC",
  lastSeenAt: 0,
  createdAt: 0,
  updatedAt: 0,
  ...fields
})

describe("runtimes of the fleet", () => {
  const fleet = [
    runtime(1, "box-10", "codex"),
    runtime(2, "box-2", "opencode", { status: "offline" }),
    runtime(3, "box-2", "codex")
  ]

  it("a machine's name is the daemon's, without the version", () => {
    assert.strictEqual(Runtime.machineOf(runtime(1, "box · 1", "codex", { deviceInfo: "box · 1.2.3" })), "box")
    assert.strictEqual(Runtime.machineOf(runtime(1, "id-1", "codex", { deviceInfo: "" })), "id-1")
  })

  it("a deleted runtime is replaced by the same CLI of the same daemon with another id, and by nothing else", () => {
    const deleted = [{ runtime: fleet[0]!, at: 5 }]
    const back = (now: ReadonlyArray<Api.RuntimeRecord>) => deletedRuntimes(deleted, now)[0]?.back?.id
    assert.isUndefined(
      back([runtime(1, "box-10", "codex"), runtime(4, "box-10", "opencode"), runtime(5, "b", "codex")])
    )
    assert.strictEqual(back([runtime(6, "box-10", "codex")]), uuid(6))
  })
})

describe("C-01 the order of models", () => {
  const model = (id: string, fields: Partial<Model.Model> = {}): Model.Model => ({ id, label: id, ...fields })

  it("by maker: the CLI's provider, else the part before the slash, else none", () => {
    const { found, groups, more } = modelGroups([
      model("a/x"),
      model("plain"),
      model("a/y", { provider: "Maker" }),
      model("a/z")
    ], "")
    assert.deepStrictEqual(groups.map(({ models, provider }) => [provider, models.map(({ id }) => id)]), [
      ["a", ["a/x", "a/z"]],
      ["", ["plain"]],
      ["Maker", ["a/y"]]
    ])
    assert.deepStrictEqual([found, more], [4, 0])
  })

  it("a filter's words may be in id, label or maker; a long list reports how much it leaves out", () => {
    const all = Array.from({ length: 5_000 }, (_, i) => model(`maker/m-${i}`, { label: `Model ${i}` }))
    assert.deepStrictEqual(modelGroups(all, "model 4999 MAKER").groups[0]?.models.map(({ id }) => id), ["maker/m-4999"])
    const { found, groups, more } = modelGroups(all, "")
    assert.deepStrictEqual([found, groups[0]?.models.length, more], [5_000, maxShown, 5_000 - maxShown])
  })
})

describe("C-04 the stages of a request", () => {
  it("a timeout has its place, for every kind", () => {
    for (const { terms } of Kinds.known) {
      const waiting = { status: "timeout", error: terms.texts.pending } as const
      const running = { status: "timeout", error: terms.texts.running } as const
      assert.deepStrictEqual([timedOutWaiting(waiting), timedOutWaiting(running)], [true, false])
      assert.strictEqual(stages(waiting).at(-1)?.text, "Timed out waiting for the daemon")
      assert.strictEqual(stages(running).at(-1)?.text, "Timed out on the machine")
    }
  })

  it("each state shows all stages that it passed", () => {
    const said = (status: Parameters<typeof stages>[0]["status"]) => stages({ status }).map(({ text }) => text)
    assert.deepStrictEqual(said("pending"), ["Waiting for the daemon"])
    assert.deepStrictEqual(said("running"), ["Waiting for the daemon", "Running on the machine"])
    assert.deepStrictEqual(said("completed"), ["Waiting for the daemon", "Running on the machine", "Done"])
    assert.deepStrictEqual(said("failed"), ["Waiting for the daemon", "Running on the machine", "Failed"])
  })
})

describe("spans of time", () => {
  const day = 24 * 60 * 60_000

  it("elapsed time rounds down, and remaining time to the nearest unit", () => {
    assert.deepStrictEqual([59_999, 7 * day - 37_000, 2 * day - 1, -5].map(span), ["59 s", "6 days", "47 h", "0 s"])
    assert.deepStrictEqual([29_600, 7 * day - 37_000, 29.4 * day].map(spanLeft), ["30 s", "7 days", "29 days"])
  })
})

import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { layerMemory } from "@muster/store-memory"
import { Context, Effect, FileSystem, Layer, Logger, Redacted, type Scope } from "effect"
import { layerServerOver, ServerInfo } from "../../src/index.ts"
import { callerOf } from "../support/Http.ts"
import { followTask } from "./TaskReader.ts"

const temporaryFolder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
const surroundings = Layer.mergeAll(NodeServices.layer, Logger.layer([]))

/** What a replica runs on, by the name of the environment. */
type Servers = Effect.Effect<Layer.Layer<ServerInfo, unknown>, unknown, FileSystem.FileSystem | Scope.Scope>

const environments: ReadonlyArray<readonly [string, Servers]> = [
  [
    "memory",
    Effect.gen(function*() {
      const dataDir = yield* temporaryFolder
      const stores = Layer.succeedContext(yield* Layer.build(layerMemory))
      return layerServerOver({ host: "127.0.0.1", port: 0, dataDir }).pipe(Layer.provide(stores))
    })
  ]
]

/** Two replicas over the same stores, the calls of one person at each, and a runtime. */
const startReplicas = Effect.fnUntraced(function*(servers: Servers) {
  const server = yield* servers
  const start = Effect.map(Layer.build(Layer.fresh(server)), (built) => Context.get(built, ServerInfo))
  const [a, b] = [yield* start, yield* start]
  const token = Redacted.value(a.ownerToken)
  const at = ({ url }: ServerInfo["Service"]) => callerOf(url, token, a.ownerWorkspace)
  const registered = yield* at(a).post("/api/daemon/register", {
    workspace_id: a.ownerWorkspace,
    daemon_id: "daemon-1",
    runtimes: [{ type: "codex", status: "online" }]
  })
  return {
    a: at(a),
    b: at(b),
    runtime_id: registered.json.runtimes[0].id as string,
    follow: (id: string) =>
      followTask(b.url, id, { authorization: `Bearer ${token}`, "x-workspace-id": a.ownerWorkspace })
  }
})

describe.each(environments)("tasks at two replicas over %s", (_, servers) => {
  it.live("T-06 calls at both with one Idempotency-Key make one task; with another body, 409", () =>
    Effect.gen(function*() {
      const { a, b, runtime_id } = yield* startReplicas(servers)
      const body = { runtime_id, prompt: "do it" }
      const calls = yield* Effect.forEach(
        Array.from({ length: 16 }, (_, n) => n % 2 === 0 ? a : b),
        (replica) => replica.post("/api/tasks", body, { "idempotency-key": "k" }),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(new Set(calls.map(({ status }) => status)), new Set([200]))
      assert.strictEqual(new Set(calls.map(({ json }) => json.id)).size, 1)
      const other = yield* b.post("/api/tasks", { ...body, prompt: "do that" }, { "idempotency-key": "k" })
      assert.deepStrictEqual([other.status, other.json.code], [409, "idempotency_conflict"])
      assert.lengthOf((yield* b.get("/api/tasks")).json.tasks, 1)
    }).pipe(Effect.provide(surroundings)))

  it.live("T-29 a reader at one replica sees what happens at the other, and a wait there ends with the task", () =>
    Effect.gen(function*() {
      const { a, b, follow, runtime_id } = yield* startReplicas(servers)
      const { id } = (yield* a.post("/api/tasks", { runtime_id, prompt: "do it" })).json
      const reader = yield* follow(id)
      const first = yield* reader.next
      assert.strictEqual(typeof first === "string" ? first : first.item.task.status, "queued")
      const [ended] = yield* Effect.all([b.get(`/api/tasks/${id}?wait=50`), a.post(`/api/tasks/${id}/cancel`)], {
        concurrency: 2
      })
      assert.strictEqual(ended.json.status, "cancelled")
      const rest = yield* reader.until("end")
      assert.deepStrictEqual(
        rest.map((one) => one === "closed" ? one : `${one.item.type} ${one.item.task.status}`),
        ["task cancelled", "end cancelled"]
      )
    }).pipe(Effect.provide(surroundings)))

  it.live("T-32 T-38 a secret that a v0.3.1 daemon splits over reports to different replicas is masked", () =>
    Effect.gen(function*() {
      const { a, b, runtime_id } = yield* startReplicas(servers)
      const { id } = (yield* a.post("/api/tasks", { runtime_id, prompt: "do it" })).json
      yield* a.post(`/api/daemon/runtimes/${runtime_id}/tasks/claim`, {})
      const report = (replica: typeof a, message: object) =>
        replica.post(`/api/daemon/tasks/${id}/messages`, { messages: [message] })
      yield* a.post(`/api/daemon/tasks/${id}/start`, {})
      yield* report(a, { type: "text", content: "use ghp_0123456789" })
      yield* report(b, { type: "text", content: "abcdefghijklmnopqrstuvwxyz" })
      yield* report(a, { type: "text", content: " now" })
      yield* report(b, { type: "tool_use", tool: "Bash", input: { command: "ls" } })
      yield* report(a, { type: "tool_result", tool: "Bash", output: "ok" })
      const bodies = (yield* b.get(`/api/tasks/${id}/events`)).json.events.map(({ body }: any) => body)
      assert.strictEqual(
        bodies.filter(({ kind }: any) => kind === "text").map(({ text }: any) => text).join(""),
        "use [masked] now"
      )
      const calls = bodies.filter(({ kind }: any) => kind === "tool")
      assert.deepStrictEqual(calls.map(({ status }: any) => status), ["running", "completed"])
      assert.strictEqual(calls[0].id, calls[1].id)
    }).pipe(Effect.provide(surroundings)))
})

import { assert, describe, it } from "@effect/vitest"
import { freshDatabase } from "@muster/store-suite"
import { Config, Effect, Redacted, Ref, Schedule } from "effect"
import { connect, createServer, type Server } from "node:net"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { startReplica } from "./support/Replica.ts"
import { spawnMuster } from "./support/Spawned.ts"
import { makeCodexMachine, markedProcesses, taskCalls } from "./support/TaskScene.ts"

/**
 * How many tasks run, and how often a replica and the daemon are killed meanwhile. `MUSTER_TASK_CHAOS=100` is the whole run, with
 * 5 and 3 kills.
 */
const size = Config.withDefault(Config.Int("MUSTER_TASK_CHAOS"), 20)

const testTimeout = 900_000

/** Forwards connections to the first of these ports that accepts, as a balancer in front of replicas does. */
const balancer = (ports: () => ReadonlyArray<number>) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly server: Server; readonly url: string }>((resume) => {
      let turn = 0
      const server = createServer((client) => {
        client.on("error", () => {})
        const all = ports()
        const attempt = (tries: number): void => {
          if (tries === all.length) return void client.destroy()
          const upstream = connect(all[(turn + tries) % all.length]!, "127.0.0.1")
          upstream.once("connect", () => client.pipe(upstream).pipe(client))
          upstream.once("error", () => upstream.connecting ? attempt(tries + 1) : client.destroy())
          client.once("close", () => upstream.destroy())
          upstream.once("close", () => client.destroy())
        }
        turn++
        attempt(0)
      })
      server.listen(0, "127.0.0.1", () =>
        resume(Effect.succeed({ server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })))
    }),
    ({ server }) =>
      Effect.sync(() =>
        void server.close()
      )
  )

/** Repeats a call of a person at whichever replica answers. */
const patient = <A>(call: Effect.Effect<A, unknown>) =>
  Effect.retry(Effect.catchDefect(call, (defect) => Effect.fail(defect)), Schedule.spaced("200 millis"))

describe("tasks while replicas and the daemon are killed", () => {
  it.live(
    "T-01 T-05 T-24 every task ends once, with all its events in order, and no process is left",
    () =>
      Effect.gen(function*() {
        const count = yield* size
        const kills = { replica: Math.ceil(count / 20), daemon: Math.max(1, Math.floor(count / 33)) }
        const { env: machine, home, model } = yield* makeCodexMachine
        const database = { DATABASE_URL: Redacted.value(yield* freshDatabase), HOME: home }
        const a = yield* startReplica(database, "a")
        const b = yield* startReplica(database, "b")
        const portOf = ({ url }: { readonly url: string }) => Number(new URL(url).port)
        const ports = [portOf(a), portOf(b)]
        const front = yield* balancer(() => ports)
        const env = { ...machine, MUSTER_SERVER_URL: front.url, MUSTER_TOKEN: a.token }
        const startDaemon = spawnMuster(["daemon", "--data", join(home, "daemon"), "--json"], env)
        const daemon = yield* Ref.make(yield* startDaemon)
        const replica = yield* Ref.make(b.process)
        const at = [yield* taskCalls(a), yield* taskCalls({ url: b.url, token: a.token })]
        const runtime = yield* at[0]!.runtime

        const ids: Array<string> = []
        for (let n = 0; n < count; n++) {
          const call = at[n % 2]!.create({ runtime_id: runtime, prompt: "SCRIPT:bash" }, `task-${n}`)
          ids.push((yield* patient(call)).id)
        }
        const killReplica = Effect.gen(function*() {
          ;(yield* Ref.get(replica)).kill("SIGKILL")
          const args = ["server", "--port", `${ports[1]}`, "--host", "127.0.0.1", "--data", `${home}/b`, "--json"]
          const next = yield* spawnMuster(args, database)
          yield* next.awaitOut(/^\{[\s\S]*\n\}$/m)
          yield* Ref.set(replica, next.process)
        })
        const killDaemon = Effect.gen(function*() {
          ;(yield* Ref.get(daemon)).process.kill("SIGKILL")
          yield* Ref.set(daemon, yield* startDaemon)
        })
        const total = kills.replica + kills.daemon
        for (let n = 0; n < total; n++) {
          // Each after some more tasks have been asked of the model.
          for (let asked = 0; asked < Math.max(1, Math.floor(count / (total + 1))); asked++) yield* model.next("Asked")
          yield* n % 2 === 1 && Math.floor(n / 2) < kills.daemon ? killDaemon : killReplica
        }
        const [people] = at
        for (const id of ids) {
          const task = yield* patient(people!.get(id, 30)).pipe(
            Effect.repeat({ until: ({ status }) => ["completed", "failed", "cancelled"].includes(status) })
          )
          assert.strictEqual(task.status, "completed", JSON.stringify(task))
          assert.strictEqual(task.text, "The command ran.")
          const events = yield* people!.events(id)
          assert.deepStrictEqual(events.map(({ offset }) => offset), events.map((_, index) => index + 1))
          assert.deepStrictEqual(markedProcesses(id), [])
        }
      }),
    testTimeout
  )
})

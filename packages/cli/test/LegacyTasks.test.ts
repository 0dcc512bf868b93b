import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Schedule } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { legacyFront } from "./support/legacyFront.ts"
import { startReplica } from "./support/Replica.ts"
import { spawnMuster } from "./support/Spawned.ts"
import { ended, makeCodexMachine, markedProcesses, type TaskCalls, taskCalls } from "./support/TaskScene.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 180_000

const often = Schedule.spaced("50 millis")

/** Until the next look at the status, and for the end of the agent, in ms. */
const cancelWithin = 20_000

/** Our server as one of v0.3.1, our daemon in a process of its own, and a machine with a real Codex. */
const legacyScene = Effect.gen(function*() {
  const machine = yield* makeCodexMachine
  const server = yield* startReplica({ HOME: machine.home }, "server")
  const front = yield* legacyFront(server.url)
  const startDaemon = spawnMuster(["daemon", "--data", join(machine.home, "daemon"), "--json"], {
    ...machine.env,
    MUSTER_SERVER_URL: front.url,
    MUSTER_TOKEN: server.token
  })
  const daemon = yield* startDaemon
  const tasks = yield* taskCalls(server)
  return { ...machine, front, daemon, startDaemon, tasks, runtime: yield* tasks.runtime }
})

/** Cancels a task and waits until nothing of it runs. Returns how long that took, in ms. */
const cancelTime = Effect.fnUntraced(function*(tasks: TaskCalls, id: string) {
  const from = yield* Clock.currentTimeMillis
  yield* tasks.cancel(id)
  yield* Effect.sync(() => markedProcesses(id)).pipe(
    Effect.repeat({ until: ({ length }) => length === 0, schedule: often })
  )
  return (yield* Clock.currentTimeMillis) - from
})

const wordsOf = (calls: ReadonlyArray<string>, id: string) =>
  calls.filter((path) => path.includes(id)).map((path) => path.split("/").at(-1))

describe("a daemon at a v0.3.1 server with a real Codex", () => {
  it.live(
    "T-38 a task is claimed, started, streamed, and completed with its session and usage; another one is canceled",
    () =>
      Effect.gen(function*() {
        const { front, home, model, runtime, tasks } = yield* legacyScene
        const { id } = yield* tasks.create({ runtime_id: runtime, prompt: "SCRIPT:write" })
        const done = yield* ended(tasks, id)
        assert.deepInclude(done, { status: "completed", text: "I wrote the file." })
        assert.deepInclude(done.usage[0], { inputTokens: 200, outputTokens: 40, cacheReadTokens: 60 })
        assert.isNotNull(done.session)
        assert.isTrue(existsSync(join(home, "daemon", "work", id, "out.txt")))
        const kinds = (yield* tasks.events(id)).map(({ body }) => body.kind)
        assert.includeMembers(kinds, ["tool", "text"])
        assert.includeMembers(wordsOf(front.calls, id), ["start", "session", "messages", "usage", "complete"])

        const slow = yield* tasks.create({ runtime_id: runtime, prompt: "SCRIPT:slow" })
        yield* Effect.repeat(tasks.get(slow.id), {
          until: ({ status }) => status === "running",
          schedule: often
        })
        yield* model.next("Asked").pipe(
          Effect.repeat({ until: (event) => event._tag === "Asked" && event.answer === "Slow" })
        )
        assert.isBelow(yield* cancelTime(tasks, slow.id), cancelWithin)
      }),
    testTimeout
  )

  it.live(
    "T-38 a daemon that was killed recovers orphans before it claims, and the task goes on in a second attempt",
    () =>
      Effect.gen(function*() {
        const { daemon, front, model, runtime, startDaemon, tasks } = yield* legacyScene
        const { id } = yield* tasks.create({ runtime_id: runtime, prompt: "SCRIPT:slow" })
        yield* model.next("Asked")
        yield* Effect.repeat(tasks.get(id), {
          until: ({ session }) => session !== null,
          schedule: often
        })
        daemon.process.kill("SIGKILL")
        yield* daemon.outcome
        front.calls.length = 0
        yield* startDaemon
        const again = yield* Effect.repeat(tasks.get(id), {
          until: ({ attempts, status }) => attempts.length === 2 && status === "running",
          schedule: often
        })
        assert.deepStrictEqual(again.attempts.map(({ reason }) => reason), ["daemon_restarted", null])
        const order = front.calls.filter((path) => /claim$|orphans$/.test(path)).map((path) => path.split("/").at(-1))
        assert.strictEqual(order[0], "recover-orphans")
        assert.lengthOf(order.filter((word) => word === "recover-orphans"), 1)
        yield* cancelTime(tasks, id)
      }),
    testTimeout
  )
})

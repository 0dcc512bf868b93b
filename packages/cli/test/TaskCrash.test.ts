import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { readFileSync } from "node:fs"
import { killIfRunning } from "./support/Processes.ts"
import { runProcess, spawnMuster } from "./support/Spawned.ts"
import { ended, markedProcesses, storedEnd, type TaskCalls, taskScene, taskSceneWith } from "./support/TaskScene.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 180_000

const often = Schedule.spaced("50 millis")

/** The task once this holds. */
const until = (tasks: TaskCalls, id: string, holds: (task: Effect.Success<ReturnType<TaskCalls["get"]>>) => boolean) =>
  Effect.repeat(tasks.get(id), { until: holds, schedule: often })

const textOf = (events: ReadonlyArray<any>) => events.map(({ body }) => body.kind === "text" ? body.text : "").join("")

const epochsOf = (id: string) =>
  markedProcesses(id).map((pid) => {
    try {
      return /MUSTER_TASK=[0-9a-f-]+:(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, "latin1"))?.[1]
    } catch {
      return undefined
    }
  })

describe("tasks through crashes", () => {
  it.live(
    "T-25 T-24 an end that nobody could report arrives after server and daemon came back, with every event, once",
    () =>
      Effect.gen(function*() {
        const { daemon, home, model, restartServer, runtime, server, startDaemon, tasks } = yield* taskScene
        const { id } = yield* tasks.create({ runtime_id: runtime, prompt: "SCRIPT:slow WORDS=10" })
        yield* model.next("Asked")
        server.process.kill("SIGKILL")
        yield* storedEnd(home, id)
        daemon.process.kill("SIGKILL")
        yield* restartServer
        yield* startDaemon
        const done = yield* ended(tasks, id)
        assert.deepInclude(done, { status: "completed" })
        assert.lengthOf(done.attempts, 1)
        const events = yield* tasks.events(id)
        assert.deepStrictEqual(events.map(({ offset }) => offset), events.map((_, index) => index + 1))
        assert.strictEqual(textOf(events).trim(), Array.from({ length: 10 }, (_, n) => `word ${n}`).join(" "))
        assert.lengthOf(model.events.filter((event) => event._tag === "Asked"), 1)
      }),
    testTimeout
  )

  it.live(
    "T-24 after a daemon was killed nothing of its tasks runs before they are tried again, each once",
    () =>
      Effect.gen(function*() {
        const { daemon, model, runtime, startDaemon, tasks } = yield* taskScene
        const ids: Array<string> = []
        for (let n = 0; n < 3; n++) {
          ids.push((yield* tasks.create({ runtime_id: runtime, prompt: "SCRIPT:longbash" })).id)
        }
        for (const id of ids) yield* until(tasks, id, ({ status }) => status === "running")
        for (const _ of ids) yield* model.next("Asked")
        yield* Effect.sync(() => ids.map(markedProcesses)).pipe(
          // The agent, its server, the shell and what the shell runs.
          Effect.repeat({ until: (found) => found.every(({ length }) => length >= 3), schedule: often })
        )
        daemon.process.kill("SIGKILL")
        yield* startDaemon
        for (const id of ids) {
          const again = yield* until(tasks, id, ({ attempts }) => attempts.length === 2)
          assert.deepStrictEqual(again.attempts.map(({ reason }) => reason), ["daemon_restarted", null])
          assert.notInclude(epochsOf(id), "1")
          yield* tasks.cancel(id)
        }
        for (const id of ids) {
          assert.deepInclude(yield* ended(tasks, id), { status: "cancelled", confirmed: true })
          assert.deepStrictEqual(markedProcesses(id), [])
        }
      }),
    testTimeout
  )

  it.live(
    "T-23 an agent that is killed has died, and its session goes on in a second attempt",
    () =>
      Effect.gen(function*() {
        const { model, runtime, tasks } = yield* taskScene
        const { id } = yield* tasks.create({ runtime_id: runtime, prompt: "SCRIPT:slow" })
        yield* model.next("Asked")
        for (const pid of markedProcesses(id)) killIfRunning(pid)
        const again = yield* until(tasks, id, ({ attempts, status }) => attempts.length === 2 && status === "running")
        assert.strictEqual(again.attempts[0]!.reason, "agent_died")
        yield* model.next("Asked")
        // What an attempt did reaches the log a moment later.
        const attempts = yield* Effect.repeat(
          Effect.map(tasks.events(id), (events) => events.filter(({ body }) => body.kind === "attempt")),
          { until: ({ length }) => length === 2, schedule: often }
        )
        assert.deepStrictEqual(attempts.map(({ body }) => [body.number, body.resumed]), [[1, false], [2, true]])
        yield* tasks.cancel(id)
        assert.strictEqual((yield* ended(tasks, id)).status, "cancelled")
      }),
    testTimeout
  )

  it.live(
    "T-26 a daemon that is stopped ends its agents, reports them, and leaves no process",
    () =>
      Effect.gen(function*() {
        const { daemon, model, runtime, tasks } = yield* taskScene
        const { id } = yield* tasks.create({ runtime_id: runtime, prompt: "SCRIPT:longbash" })
        yield* model.next("Asked")
        daemon.process.kill("SIGTERM")
        assert.strictEqual((yield* daemon.outcome).code, 0)
        assert.deepStrictEqual(markedProcesses(id), [])
        const queued = yield* tasks.get(id)
        assert.strictEqual(queued.status, "queued")
        assert.strictEqual(queued.attempts[0]!.reason, "daemon_restarted")
      }),
    testTimeout
  )

  it.live(
    "T-26 a daemon that is asked to stop claims nothing more, lets what runs end in its time, and ends",
    () =>
      Effect.gen(function*() {
        const { daemon, data, daemonEnv, model, runtime, tasks } = yield* taskSceneWith(["--drain-tasks", "120"])
        const { id } = yield* tasks.create({ runtime_id: runtime, prompt: "SCRIPT:slow WORDS=40" })
        yield* model.next("Asked")
        const stop = yield* spawnMuster(["daemon", "stop", "--data", data], daemonEnv)
        const done = yield* ended(tasks, id)
        assert.deepInclude(done, { status: "completed" })
        assert.lengthOf(done.attempts, 1)
        const said = yield* stop.outcome
        assert.strictEqual(said.code, 0)
        assert.match(said.stderr, /^waiting for 1 running task, at most 120 s; to end now: muster daemon stop --now\n$/)
        assert.strictEqual((yield* daemon.outcome).code, 0)
        assert.deepStrictEqual(markedProcesses(id), [])
      }),
    testTimeout
  )

  it.live(
    "T-26 a stop that waits for a task still cancels it for a person, claims nothing, and ends at once with --now",
    () =>
      Effect.gen(function*() {
        const { daemon, data, daemonEnv, model, runtime, tasks } = yield* taskSceneWith(["--drain-tasks", "3600"])
        const [canceled, long] = [
          yield* tasks.create({ runtime_id: runtime, prompt: "SCRIPT:longbash" }),
          yield* tasks.create({ runtime_id: runtime, prompt: "SCRIPT:longbash" })
        ]
        for (const _ of [1, 2]) yield* model.next("Asked")
        daemon.process.kill("SIGTERM")
        yield* daemon.awaitError(/stops after its 2 running tasks/)
        const queued = yield* tasks.create({ runtime_id: runtime, prompt: "SCRIPT:hello" })
        yield* tasks.cancel(canceled.id)
        assert.strictEqual((yield* ended(tasks, canceled.id)).status, "cancelled")
        assert.strictEqual((yield* tasks.get(long.id)).status, "running")
        assert.strictEqual((yield* runProcess(["daemon", "stop", "--now", "--data", data], daemonEnv)).code, 0)
        assert.strictEqual((yield* daemon.outcome).code, 0)
        assert.deepStrictEqual(markedProcesses(long.id), [])
        assert.strictEqual((yield* tasks.get(long.id)).attempts[0]!.reason, "daemon_restarted")
        assert.lengthOf((yield* tasks.get(queued.id)).attempts, 0)
      }),
    testTimeout
  )
})

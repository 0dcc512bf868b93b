import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import type { Api, Task } from "@muster/domain"
import { Console, Effect, Fiber, Layer, Sink, Stream } from "effect"
import { TerminalCapabilities } from "effect/cli"
import * as Stdio from "effect/Stdio"
import { TestClock } from "effect/testing"
import type { Session } from "../src/api/Session.ts"
import { followTask } from "../src/task/FollowTask.ts"
import { runMuster } from "./support/runMuster.ts"
import { spawnMuster } from "./support/Spawned.ts"
import { taskScene } from "./support/TaskScene.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 180_000

const taskId = "3f2a91c0-0000-4000-8000-000000000000" as Task.TaskId
const record = { id: taskId, status: "running", startedAt: null } as Api.TaskRecord

const task: Api.TaskStreamItem = { type: "task", task: record }
const end: Api.TaskStreamItem = { type: "end", task: { ...record, status: "completed" } }
const said = (offset: number, text: string): Api.TaskStreamItem => ({
  type: "event",
  event: { offset, epoch: 1, at: 0, body: { kind: "text", text } }
})

/** A server whose connections send these items, and the offsets from which it was asked. */
const serverOf = (connection: (after: number) => Stream.Stream<Api.TaskStreamItem>) => {
  const asked: Array<number> = []
  const stream = ({ query }: { readonly query: { readonly after: string } }) =>
    Effect.sync(() => {
      asked.push(Number(query.after))
      return connection(Number(query.after))
    })
  const session = { connection: { url: "http://server" }, muster: { tasks: { stream } }, workspace: "home" }
  return { asked, session: session as unknown as Session }
}

/** Follows the task. `screen`: what stdout and stderr got, in order. */
const follow = Effect.fnUntraced(function*(session: Session, terminal: boolean) {
  const screen: Array<string> = []
  const sink = () => Sink.forEach((text: string | Uint8Array) => Effect.sync(() => void screen.push(String(text))))
  const isTerminal = Effect.succeed(terminal)
  const stdio = Stdio.layerTest({
    stdoutIsTerminal: isTerminal,
    stderrIsTerminal: isTerminal,
    stdout: sink,
    stderr: sink
  })
  const capabilities = { canColor: false, canAnimate: terminal, canPrompt: false }
  const fiber = yield* followTask(session, taskId, false).pipe(
    Effect.provide(Layer.mergeAll(
      Layer.provideMerge(stdio, NodeServices.layer),
      Layer.succeed(TerminalCapabilities.TerminalCapabilities, capabilities)
    )),
    Effect.provideService(Console.Console, {
      ...globalThis.console,
      error: (text: string) => void screen.push(text)
    }),
    Effect.forkChild({ startImmediately: true })
  )
  return { fiber, screen }
})

describe("following a task", () => {
  it.effect("T-40 goes on for an hour over connections of 10 minutes, with every event once", () =>
    Effect.gen(function*() {
      const { asked, session } = serverOf((after) =>
        Stream.concat(
          Stream.fromIterable(after === 6 ? [task, end] : [task, said(after + 1, `${after + 1} `)]),
          Stream.drain(Stream.fromEffect(Effect.sleep("10 minutes")))
        )
      )
      const { fiber, screen } = yield* follow(session, false)
      yield* TestClock.adjust("61 minutes")
      assert.strictEqual((yield* Fiber.join(fiber))?.status, "completed")
      assert.strictEqual(screen.join(""), "1 2 3 4 5 6 \n")
      assert.deepStrictEqual(asked, [0, 1, 2, 3, 4, 5, 6])
    }))

  it.effect("T-40 gives up, and says so, after 10 minutes of connections that send nothing", () =>
    Effect.gen(function*() {
      const { session } = serverOf(() => Stream.empty)
      const { fiber } = yield* follow(session, false)
      yield* TestClock.adjust("11 minutes")
      const failure = yield* Effect.flip(Fiber.join(fiber))
      assert.deepInclude({ ...failure }, { class: "server", code: "stream_cut" })
      assert.include(failure.next, `muster tasks log -f ${taskId}`)
    }))

  it.effect("T-40 shows a status line on a terminal that replaces no text of the agent", () =>
    Effect.gen(function*() {
      const pause = Stream.drain(Stream.fromEffect(Effect.sleep("2 seconds")))
      const { session } = serverOf(() =>
        Stream.make(task).pipe(
          Stream.concat(pause),
          Stream.concat(Stream.make(said(1, "I wrote"))),
          Stream.concat(pause),
          Stream.concat(Stream.make(said(2, " it.\n"))),
          Stream.concat(pause),
          Stream.concat(Stream.make(end))
        )
      )
      const { fiber, screen } = yield* follow(session, true)
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(fiber)
      const all = screen.join("")
      assert.isTrue(all.startsWith("\r\u001B[2K⠙ running"), all)
      assert.include(all, "\r\u001B[2KI wrote it.\n\r\u001B[2K")
      assert.isTrue(all.endsWith("\r\u001B[2K"))
    }))

  it.effect("T-40 an interrupted follower leaves the task alone, and says how to go on", () =>
    Effect.gen(function*() {
      const { session } = serverOf(() => Stream.concat(Stream.make(task), Stream.never))
      const { fiber, screen } = yield* follow(session, false)
      yield* Fiber.interrupt(fiber)
      assert.include(screen.join(""), `muster tasks log -f ${taskId}; cancel it: muster tasks cancel ${taskId}`)
    }))
})

/** The offsets of the events that a follower printed as JSON Lines. */
const offsetsOf = (stdout: string): ReadonlyArray<number> =>
  stdout.trim().split("\n").map((line) => JSON.parse(line)).flatMap(({ event }) =>
    event === undefined ? [] : [event.offset]
  )

describe("following a task of a real Codex", () => {
  it.live(
    "T-40 T-29 goes on after the server was killed, outlives Ctrl-C, and exits with the code of a canceled task",
    () =>
      Effect.gen(function*() {
        const { daemonEnv: env, home, restartServer, server } = yield* taskScene
        const follower = yield* spawnMuster(["run", "codex", "SCRIPT:slow", "--follow", "--json"], env)
        const [, task = ""] = yield* follower.awaitOut(/"id":"([0-9a-f-]{36})"/)
        yield* follower.awaitOut(/"kind":"text"/)

        const status = yield* runMuster(["daemon", "status", "--data", `${home}/daemon`], { home, env })
        assert.match(status.stdout, new RegExp(`task +${task.slice(0, 8)} +running +Codex`))
        const health = yield* runMuster(["daemon", "status", "--data", `${home}/daemon`, "--json"], { home, env })
        assert.deepInclude(JSON.parse(health.stdout), { active_task_count: 1 })

        const second = yield* spawnMuster(["tasks", "log", "-f", task.slice(0, 8)], env)
        yield* second.awaitOut(/attempt 1: codex/)
        second.process.kill("SIGINT")
        const left = yield* second.outcome
        assert.strictEqual(left.code, 130)
        assert.include(left.stderr, `muster tasks cancel ${task}`)

        const before = offsetsOf(follower.said().stdout.replace(/\n[^\n]*$/, "")).length
        server.process.kill("SIGKILL")
        yield* restartServer
        yield* follower.awaitOut(new RegExp(`"offset":${before + 3},`))
        const canceled = yield* runMuster(["tasks", "cancel", task.slice(0, 8)], { home, env })
        assert.strictEqual(canceled.stdout.split(":")[0], `Canceling ${task.slice(0, 8)}`)
        const { code, stdout } = yield* follower.outcome
        assert.strictEqual(code, 9)
        assert.strictEqual(JSON.parse(stdout.trim().split("\n").at(-1)!).task.status, "cancelled")
        const offsets = offsetsOf(stdout)
        assert.deepStrictEqual(offsets, offsets.map((_, index) => index + 1))
      }),
    testTimeout
  )
})

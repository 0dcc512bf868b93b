import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { spawn } from "node:child_process"
import { join } from "node:path"
import { spawnTree } from "../../src/process/ProcessTree.ts"
import { cancelTimes, dismissAgent, endAgent } from "../../src/task/EndAgent.ts"
import { findMarked, sweepMarked } from "../../src/task/TaskMark.ts"
import { folder, program } from "../process/Folder.ts"
import { lives, report, rollCall, startChild } from "../process/RollCall.ts"

const idle = "setInterval(() => {}, 1000)"
const deaf = `process.on("SIGTERM", () => {}); process.on("SIGINT", () => {})`
/** A tool's shell as agents start it: in a session of its own. */
const ownSession = `{ detached: true, stdio: "inherit" }`

let last = 0
/** A mark that no other test has. */
const newMark = () => `MUSTER_TASK=${process.pid}-${++last}:1`

const envOf = (mark: string) => {
  const [name, value] = mark.split("=")
  return { [name!]: value! }
}

/** An agent with a tool that runs in a session of its own. `code`: what the agent does besides. */
const agent = Effect.fnUntraced(function*(code: string) {
  const mark = newMark()
  const roll = yield* rollCall
  const cli = yield* program(
    join(yield* folder, "agent"),
    `${report("agent")}; ${startChild("tool", ownSession)}; ${code}`
  )
  const tree = yield* spawnTree(cli, [], { env: { ...roll.env, ...envOf(mark) } })
  const pids = [yield* roll.joined("agent"), yield* roll.joined("tool")] as const
  return { mark, tree, pids, roll }
})

const ending = (
  { mark, tree }: Effect.Success<ReturnType<typeof agent>>,
  more: { readonly cancel?: Effect.Effect<void>; readonly turnEnded?: Effect.Effect<unknown> } = {}
) => ({
  mark,
  pid: tree.pid,
  cancel: Effect.void,
  endInput: Effect.sync(() => void tree.stdin.end()),
  turnEnded: Effect.void,
  exited: tree.exited,
  ...more
})

const quick = { cancel: 50, input: 50, terminate: 50 }

describe("the mark of a task", () => {
  it.live("T-18 finds processes in sessions of their own, by the exact entry alone", () =>
    Effect.gen(function*() {
      const { mark, pids } = yield* agent(idle)
      assert.deepStrictEqual(findMarked(mark).map(({ pid }) => pid).toSorted(), [...pids].toSorted())
      assert.deepStrictEqual(findMarked(mark.slice(0, -1)), [])
      assert.deepStrictEqual(findMarked(`${mark}0`), [])
      assert.strictEqual(yield* sweepMarked(mark), 0)
      assert.deepStrictEqual(pids.filter(lives), [])
    }))

  it.live("T-23 sweeps what an agent left that was killed, though its parents are gone", () =>
    Effect.gen(function*() {
      const { mark, pids: [leader, tool], roll, tree } = yield* agent(idle)
      process.kill(leader, "SIGKILL")
      yield* tree.exited
      yield* roll.left("agent")
      assert.isTrue(lives(tool))
      yield* dismissAgent({ mark, endInput: Effect.void, exited: tree.exited })
      assert.isFalse(lives(tool))
    }))

  it.live("T-18 kills a tool that starts others while it is swept", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const breeder = `const breed = () => require("node:child_process")
        .spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], { detached: true, stdio: "ignore" }).unref()
        breed(); setInterval(breed, 30)`
      const roll = yield* rollCall
      const cli = yield* program(join(yield* folder, "breeder"), report("breeder", breeder))
      const child = spawn(cli, [], { env: { ...roll.env, ...envOf(mark) }, stdio: "ignore", detached: true })
      yield* roll.joined("breeder")
      assert.strictEqual(yield* sweepMarked(mark), 0)
      assert.deepStrictEqual(findMarked(mark), [])
      child.unref()
    }))
})

describe("the end of an agent", () => {
  it.live("T-20 ends with the protocol's cancel where the agent follows it", () =>
    Effect.gen(function*() {
      const one = yield* agent(`process.stdin.on("end", () => process.exit(0)).resume()`)
      const { left, step } = yield* endAgent(ending(one), cancelTimes)
      assert.deepStrictEqual([step, left], ["cancel", 0])
      assert.deepStrictEqual(one.pids.filter(lives), [])
    }))

  it.live("T-20 kills an agent that ignores cancel, the end of its input and SIGTERM", () =>
    Effect.gen(function*() {
      const one = yield* agent(`${deaf}; ${idle}`)
      const { left, step } = yield* endAgent(ending(one, { turnEnded: Effect.never }), quick)
      assert.deepStrictEqual([step, left], ["kill", 0])
      assert.deepStrictEqual(one.pids.filter(lives), [])
    }))

  it.live("T-20 ends an agent that only SIGTERM reaches", () =>
    Effect.gen(function*() {
      const one = yield* agent(idle)
      const { step } = yield* endAgent(ending(one, { turnEnded: Effect.never }), { ...quick, terminate: 20_000 })
      assert.strictEqual(step, "terminate")
    }))

  it.live("T-20 is not delayed by a tool that holds the agent's pipes", () =>
    Effect.gen(function*() {
      const { mark, pids, tree } = yield* agent(`process.stdin.on("end", () => process.exit(0)).resume()`)
      const fiber = yield* Effect.forkChild(
        dismissAgent({ mark, endInput: Effect.sync(() => void tree.stdin.end()), exited: tree.exited })
      )
      assert.strictEqual(yield* Fiber.join(fiber), 0)
      assert.deepStrictEqual(pids.filter(lives), [])
    }))
})

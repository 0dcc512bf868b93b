import { assert, describe, it } from "@effect/vitest"
import { Kinds, Request, Runtime } from "@muster/domain"
import { Deferred, Duration, Effect, Fiber, Option, Queue, Scope } from "effect"
import { TestClock } from "effect/testing"
import { lookup } from "node:dns/promises"
import { mkdirSync, writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { HostEnvironment } from "../../src/process/HostEnvironment.ts"
import { type ProcessTree, spawnTree } from "../../src/process/ProcessTree.ts"
import { ReaderBounds, StartReader } from "../../src/reader/Reader.ts"
import { Readers } from "../../src/reader/Readers.ts"
import type { Delivery } from "../../src/request/Handlers.ts"
import type { OwnRuntime } from "../../src/runtime/RuntimeState.ts"
import { makeSkillHandler } from "../../src/skill/SkillHandler.ts"
import { folder } from "../process/Folder.ts"
import { lives } from "../process/RollCall.ts"
import { leaseOf } from "../support/Lease.ts"
import { settle } from "../support/settle.ts"
import { skillText } from "./SkillTree.ts"

const delivery: Delivery = {
  id: Request.RequestId.make("0".repeat(32)),
  via: "socket",
  at: 0,
  reported: Deferred.makeUnsafe()
}

const runtimeOf = (provider: string) =>
  ({
    provider,
    id: Runtime.RuntimeId.make(`aaaaaaaa-0000-4000-8000-${provider.padStart(12, "0").replace(/\D/g, "1")}`)
  }) as OwnRuntime

const [claude, codex] = [runtimeOf("claude"), runtimeOf("codex")]

const makeSkills = Effect.gen(function*() {
  const list = yield* makeSkillHandler(Kinds.LocalSkillList)
  const read = yield* makeSkillHandler(Kinds.LocalSkillImport)
  return {
    list: (runtime: OwnRuntime) => list(runtime, {}, delivery),
    read: (runtime: OwnRuntime, key: string) => read(runtime, { skill_key: key }, delivery),
    refusal: (runtime: OwnRuntime, key: string) =>
      Effect.map(Effect.flip(read(runtime, { skill_key: key }, delivery)), ({ message }) => message)
  }
})

/** A home with skills, read by readers for which a call that is not answered from one second to the next has hung. */
const withSkills = <A, E>(
  paths: ReadonlyArray<string>,
  test: (skills: Effect.Success<typeof makeSkills>, home: string) => Effect.Effect<A, E, Scope.Scope>,
  start?: typeof StartReader.Service
) =>
  Effect.gen(function*() {
    const home = yield* folder
    for (const path of paths) {
      mkdirSync(dirname(join(home, path)), { recursive: true })
      writeFileSync(join(home, path), skillText(path))
    }
    return yield* Effect.flatMap(makeSkills, (skills) => test(skills, home)).pipe(
      Effect.provide(Readers.layer),
      Effect.provideService(ReaderBounds, { ...yield* ReaderBounds, call: Duration.zero, living: 2 }),
      Effect.provideService(HostEnvironment, { HOME: home, PATH: process.env["PATH"] }),
      Effect.provideService(StartReader, start ?? (yield* StartReader))
    )
  })

/** A silent process for the scope. */
const mute = spawnTree(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { env: {} })

const silent = "the process that reads files did not answer within 30 s"

describe("skills on a disk that does not answer", () => {
  it.effect(
    "F-03 four imports that hang do not delay other runtimes, files and DNS; a minute later they continue",
    () =>
      withSkills(
        [".claude/skills/hung/SKILL.md", ".agents/skills/shared/SKILL.md", ".codex/skills/fine/SKILL.md"],
        Effect.fnUntraced(function*({ list, read, refusal }, home) {
          const lease = yield* leaseOf(join(home, ".claude/skills/hung/SKILL.md"))
          const hung = yield* Effect.forEach([1, 2, 3, 4], () => Effect.forkChild(refusal(claude, "hung")))
          yield* lease.asked
          yield* read(codex, "fine")
          yield* Effect.promise(() => readFile(join(home, ".codex/skills/fine/SKILL.md")))
          yield* Effect.promise(() => lookup("localhost"))

          const why = "did not answer at 00:00:00 UTC; Muster reads it again after 00:01:00 UTC"
          for (const fiber of hung) assert.strictEqual(yield* Fiber.join(fiber), `~/.claude/skills/hung ${why}`)
          const listed = yield* list(claude)
          assert.deepStrictEqual(listed["omitted"], [{ key: "~/.claude/skills", reason: `the folder ${why}` }])
          assert.lengthOf(listed["skills"] as ReadonlyArray<unknown>, 1)

          yield* lease.release
          assert.include(yield* refusal(claude, "hung"), why)
          yield* TestClock.adjust("1 minute")
          yield* read(claude, "hung")
        })
      ),
    60_000
  )

  it.effect(
    "F-03 a stopped reader is ended after its timeout, and the next question gets another one",
    () =>
      Effect.gen(function*() {
        const first = yield* Deferred.make<ProcessTree>()
        const stopFirst = Effect.tap(
          yield* StartReader,
          (tree) => Effect.map(Deferred.succeed(first, tree), (isFirst) => isFirst && process.kill(tree.pid, "SIGSTOP"))
        )
        const test = Effect.fnUntraced(function*({ read, refusal }: Effect.Success<typeof makeSkills>) {
          const asked = yield* Effect.forkChild(refusal(claude, "a"))
          const { pid } = yield* Deferred.await(first)
          yield* settle
          yield* TestClock.adjust("30 seconds")
          assert.strictEqual(yield* Fiber.join(asked), silent)
          yield* read(claude, "a")
          assert.isFalse(lives(pid))
        })
        yield* withSkills([".claude/skills/a/SKILL.md"], test, stopFirst)
      }),
    60_000
  )

  it.effect(
    "F-03 readers that cannot be ended are bounded; at the bound the answer names what to do",
    () =>
      Effect.gen(function*() {
        // They run as long as the test, whatever ends them, as processes that are blocked in a call.
        const scope = yield* Effect.scope
        const started = yield* Queue.unbounded<void>()
        const unending = Effect.tap(
          Effect.provideService(mute, Scope.Scope, scope),
          () => Queue.offer(started, undefined)
        )
        const test = Effect.fnUntraced(function*({ refusal }: Effect.Success<typeof makeSkills>) {
          for (const runtime of [claude, codex]) {
            const asked = yield* Effect.forkChild(refusal(runtime, "a"))
            yield* Queue.take(started)
            yield* settle
            yield* TestClock.adjust("30 seconds")
            assert.strictEqual(yield* Fiber.join(asked), silent)
          }
          assert.strictEqual(
            yield* refusal(claude, "a"),
            "2 processes wait for disks that do not answer and cannot be stopped: " +
              "repair or unmount those disks, then restart the daemon"
          )
        })
        yield* withSkills([".claude/skills/a/SKILL.md"], test, unending)
      }),
    60_000
  )

  it.effect.each([["list"], ["read"]] as const)(
    "invariant 11 a question of their %s is over when its time is",
    ([what]) =>
      Effect.gen(function*() {
        const started = yield* Deferred.make<ProcessTree>()
        const test = Effect.fnUntraced(function*(skills: Effect.Success<typeof makeSkills>) {
          const answer = yield* skills[what](claude, "a").pipe(Effect.timeoutOption("20 seconds"), Effect.forkChild)
          const { pid } = yield* Deferred.await(started)
          yield* settle
          yield* TestClock.adjust("20 seconds")
          assert.isTrue(Option.isNone(yield* Fiber.join(answer)))
          assert.isFalse(lives(pid))
        })
        yield* withSkills([], test, Effect.tap(mute, (tree) => Deferred.succeed(started, tree)))
      }),
    60_000
  )
})

import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Task } from "@muster/domain"
import { Arbitrary, Effect, Schema } from "effect"
import { anyLife, claimant, completed, createdAt, failedAs, fresh, live, result, usage } from "./AnyTask.ts"

const runs = { arbitrary: { runs: 2_000, size: 40 } }

const pairs = <A>(values: ReadonlyArray<A>) => values.slice(1).map((value, i) => [values[i]!, value] as const)

const running = (at = createdAt): Task.Task => {
  const step = Task.start(Task.claim(fresh, claimant, at), 1, at)
  if (step._tag !== "Done") throw new Error("it did not start")
  return step.task
}

const stateAfter = (fenced: Task.Fenced) => fenced._tag === "Done" ? fenced.task.state : fenced._tag

describe("Task", () => {
  it.prop(
    "T-10 a state has a deadline if and only if it is not terminal, at most 24 h and 30 s away",
    [anyLife],
    ([life]) => {
      for (const { at, task } of live(life)) {
        const deadline = Task.deadlineOf(task)
        strictEqual(deadline === null, Task.isTerminal(task))
        if (deadline === null) continue
        assertTrue(deadline >= at && deadline <= at + Task.times.queued + 30_000, `${deadline - at} ms`)
      }
    },
    runs
  )

  it.prop("T-10 without any further event every task ends by its limits", [anyLife], ([life]) => {
    const { at, task } = live(life).at(-1)!
    assertTrue(Task.isTerminal(Task.elapse(task, at + 10 * Task.times.queued)))
  }, runs)

  it.prop("T-03 a terminal state is final; only usage and session may still arrive", [anyLife], ([life]) => {
    for (const [before, { at, event, fenced, task }] of pairs(live(life))) {
      if (!Task.isTerminal(before.task)) continue
      if (event?.what === "note" && fenced?._tag === "Done") deepStrictEqual(task.state, before.task.state)
      else if (event?.what === "complete" && fenced?._tag === "Done") deepStrictEqual(task.state, before.task.state)
      else strictEqual(task, before.task)
      assertFalse(Task.isClaimable(task, at))
      assertFalse(Task.isRedeliverable(task, at))
    }
  }, runs)

  it.prop("the epoch never decreases, and grows by one at each claim only", [anyLife], ([life]) => {
    for (const [before, { event, task }] of pairs(live(life))) {
      const grown = task.epoch - before.task.epoch
      assertTrue(grown === 0 || (grown === 1 && (event?.what === "claim" || event?.what === "claimSilently")))
    }
  }, runs)

  it.prop("a canceled task is never queued again, and never completed by a limit", [anyLife], ([life]) => {
    for (const { at, task } of live(life)) {
      if (task.cancel === null) continue
      assertFalse(task.state._tag === "Queued" || task.state._tag === "Dispatched" || task.state._tag === "Running")
      assertFalse(task.state._tag === "Failed")
      assertTrue(["Cancelled", "Completed"].includes(Task.elapse(task, at + Task.times.queued * 2).state._tag))
    }
  }, runs)

  it.prop("there are at most 3 attempts, numbered from 1, of growing epochs, and the last one is the present claim's", [
    anyLife
  ], ([life]) => {
    for (const { task } of live(life)) {
      const { attempts, epoch } = task
      assertTrue(attempts.length <= Task.maxAttempts)
      deepStrictEqual(attempts.map(({ number }) => number), attempts.map((_, i) => i + 1))
      for (const [a, b] of pairs(attempts)) assertTrue(a.epoch < b.epoch && a.endedAt !== null && a.reason !== null)
      if (!Task.isActive(task)) continue
      deepStrictEqual([attempts.at(-1)?.epoch, attempts.at(-1)?.endedAt], [epoch, null])
      strictEqual(task.daemonId, claimant.daemonId)
    }
  }, runs)

  it.prop("a task has a token only while it is active, and at most 3 deliveries of one claim", [anyLife], ([life]) => {
    for (const { task } of live(life)) {
      assertTrue(Task.isActive(task) || task.tokenHash === null)
      assertTrue(task.state._tag !== "Dispatched" || task.state.deliveries <= Task.maxDeliveries)
    }
  }, runs)

  it.prop("T-03 a refused step names the present state and changes nothing; one of an earlier claim is superseded", [
    anyLife
  ], ([life]) => {
    for (const [before, { at, event, fenced }] of pairs(live(life))) {
      if (fenced === undefined || event === undefined) continue
      const present = Task.elapse(before.task, at)
      const isOver = (event.late > 0 && present.epoch > 0) || present.state._tag === "Queued"
      strictEqual(fenced._tag === "Superseded", isOver)
      if (fenced._tag === "Refused") deepStrictEqual([fenced.task, fenced.status], [present, Task.statusOf(present)])
    }
  }, runs)

  it.prop("limits are idempotent, and do not depend on when or how often the record is read", {
    life: anyLife,
    looks: anyLife
  }, ({ life, looks }) => {
    const last = live(life).at(-1)!
    let { at, task } = last
    for (const { after } of looks) {
      at += after
      task = Task.elapse(task, at)
      strictEqual(Task.elapse(task, at), task)
      deepStrictEqual(task, Task.elapse(last.task, at))
    }
  }, runs)

  it.prop("every record of a life can be encoded and decoded", [anyLife], ([life]) => {
    const { task } = live(life).at(-1)!
    deepStrictEqual(Schema.decodeUnknownSync(Task.Task)(JSON.parse(JSON.stringify(task))), task)
  })

  it.effect("the lives of these properties reach every status, 3 attempts and each limit", () =>
    Effect.gen(function*() {
      const met = new Set<string>()
      yield* Arbitrary.checkEffect(anyLife, (life) => {
        for (const { task } of live(life)) {
          met.add(Task.statusOf(task)).add(`${task.attempts.length} attempts`)
          for (const { reason } of task.attempts) met.add(String(reason))
        }
        return true
      }, runs.arbitrary)
      const needed = [
        ...Task.allStatuses,
        "3 attempts",
        "dispatch_timeout",
        "runtime_lost",
        "daemon_restarted"
      ]
      deepStrictEqual(needed.filter((name) => !met.has(name)), [])
    }))

  it("a failure is tried again as its reason allows, at most twice, after its waits", () => {
    const waits = Object.fromEntries(Task.Reason.literals.map((reason) => {
      const found: Array<number> = []
      let task = running()
      for (;;) {
        const step = Task.settle(task, task.epoch, failedAs(reason), createdAt)
        if (step._tag !== "Done" || step.task.state._tag !== "Queued") return [reason, found]
        const { notBefore } = step.task.state
        found.push(notBefore - createdAt)
        assertFalse(Task.isClaimable(step.task, notBefore - 1))
        task = Task.claim(step.task, claimant, notBefore)
      }
    }))
    deepStrictEqual(Object.fromEntries(Object.entries(waits).filter(([, found]) => found.length > 0)), {
      runtime_lost: [0, 30_000],
      daemon_restarted: [0, 30_000],
      dispatch_timeout: [0, 30_000],
      agent_died: [0, 30_000],
      provider_network: [5_000, 30_000]
    })
  })

  it("T-05 an attempt of a daemon that names no claim is not tried again while it may still run", () => {
    const unfenced = { ...claimant, fenced: false }
    const claimed = Task.claim(fresh, unfenced, createdAt)
    const started = Task.start(claimed, 1, createdAt)
    const running = started._tag === "Done" ? started.task : claimed
    for (const [task, reason] of [[claimed, "dispatch_timeout"], [running, "runtime_lost"]] as const) {
      const { state } = Task.elapse(task, Task.deadlineOf(task)! + 1)
      assertTrue(state._tag === "Failed" && state.reason === reason)
      assertTrue(state._tag === "Failed" && state.error.includes("v0.3.1 daemon may still run it"))
    }
    // Its restart is certain, but not its cause: it also recovers orphans after another registration.
    const { attempts, state } = Task.orphan(running, false, createdAt)
    deepStrictEqual([state, attempts[0]?.reason], [
      { _tag: "Queued", queuedAt: createdAt, notBefore: createdAt + Task.times.silentStop },
      "daemon_restarted"
    ])
    // A daemon that names its claims cannot end the processes of one that does not.
    const canceled = Task.orphan(Task.cancel(running, fresh.by, createdAt), true, createdAt).state
    strictEqual(canceled._tag === "Cancelled" && canceled.confirmed, false)
  })

  it("T-02 a claim is delivered at most 3 times, each time more than 90 s after the last, unless it is prepared", () => {
    let task = Task.claim(fresh, claimant, createdAt)
    for (const [deliveries, due] of [[1, 90_000], [2, 180_001], [3, 270_002]] as const) {
      strictEqual(task.state._tag === "Dispatched" && task.state.deliveries, deliveries)
      assertFalse(Task.isRedeliverable(task, createdAt + due))
      const prepared = Task.renew(task, 1, createdAt + due)
      assertFalse(prepared._tag === "Done" && Task.isRedeliverable(prepared.task, createdAt + due + 1))
      if (deliveries === Task.maxDeliveries) assertFalse(Task.isRedeliverable(task, createdAt + due + 1))
      else task = Task.redeliver(task, "c".repeat(64), createdAt + due + 1)
    }
    deepStrictEqual([task.epoch, task.attempts.length, task.tokenHash], [1, 1, "c".repeat(64)])
  })

  it("a lease protects a task that is prepared, for 15 minutes from its claim at most", () => {
    let task = Task.claim(fresh, claimant, createdAt)
    const over = createdAt + Task.times.preparing
    for (let at = createdAt; at <= over; at += 15_000) {
      strictEqual(Task.elapse(task, at), task)
      const step = Task.renew(task, 1, at)
      if (step._tag === "Done") task = step.task
    }
    strictEqual(Task.deadlineOf(task), over)
    const back = Task.elapse(task, over + 1)
    deepStrictEqual([back.state, back.attempts[0]?.reason], [
      { _tag: "Queued", queuedAt: over, notBefore: over },
      "dispatch_timeout"
    ])
  })

  it("a repeated start of the same claim changes nothing, and of a v0.3.1 daemon it is refused", () => {
    deepStrictEqual(stateAfter(Task.start(running(), 1, createdAt + 5)), running().state)
    deepStrictEqual(Task.start({ ...running(), fenced: false }, 1, createdAt + 5), {
      _tag: "Refused",
      task: { ...running(), fenced: false },
      status: "running"
    })
  })

  it("an agent that ends by itself while a cancel is on its way has completed", () => {
    const canceled = Task.cancel(running(), fresh.by, createdAt + 1)
    deepStrictEqual(stateAfter(Task.settle(canceled, 1, completed, createdAt + 2)), {
      _tag: "Completed",
      endedAt: createdAt + 2,
      result
    })
  })

  it("the usage of a report is kept whether its attempt is tried again or not, and of a refused one it is not", () => {
    const told = { usage: [usage] }
    const again = Task.settleWithNote(running(), 1, failedAs("agent_died"), told, createdAt)
    deepStrictEqual(again._tag === "Done" && [again.task.state._tag, again.task.usage], ["Queued", [usage]])
    const final = Task.settleWithNote(running(), 1, completed, told, createdAt)
    deepStrictEqual(final._tag === "Done" && final.task.usage, [usage])
    const claimed = Task.claim(fresh, claimant, createdAt)
    deepStrictEqual(Task.settleWithNote(claimed, 1, completed, told, createdAt), {
      _tag: "Refused",
      task: claimed,
      status: "dispatched"
    })
  })

  it("a restart loses what ran, and gives back what was not started without counting it", () => {
    const claimed = Task.claim(fresh, claimant, createdAt)
    deepStrictEqual([Task.orphan(claimed, true, 5).state._tag, Task.orphan(claimed, true, 5).attempts], ["Queued", []])
    const lost = Task.orphan(running(), true, createdAt)
    deepStrictEqual([lost.state._tag, lost.attempts[0]?.reason], ["Queued", "daemon_restarted"])
    for (const swept of [true, false]) {
      const { state } = Task.orphan(Task.cancel(running(), fresh.by, createdAt), swept, createdAt)
      strictEqual(state._tag === "Cancelled" && state.confirmed, swept)
    }
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Identity, Runtime, Task } from "@muster/domain"
import { Deferred, Schema } from "effect"
import {
  freeSlots,
  type HeldTasks,
  lowestSlot,
  maxReporting,
  withoutTask,
  withPhase,
  withTask
} from "../../src/task/Held.ts"

const uuid = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`

const held = (n: number, epoch: number) => ({
  id: Task.TaskId.make(uuid(n)),
  epoch,
  task: {
    id: Task.TaskId.make(uuid(n)),
    epoch,
    attempt: 1,
    runtimeId: Runtime.RuntimeId.make(uuid(1)),
    workspaceId: Identity.WorkspaceId.make(uuid(2)),
    prompt: "",
    folder: null,
    model: null,
    policy: "all" as const,
    session: null,
    token: null
  },
  interruption: Deferred.makeUnsafe<"cancel" | "stop" | "drain">()
})

const empty: HeldTasks = new Map()

const Step = Schema.Struct({
  n: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8 })),
  epoch: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 2 })),
  what: Schema.Literals(["add", "run", "report", "remove"])
})

const apply = (all: HeldTasks, { epoch, n, what }: typeof Step.Type): HeldTasks => {
  const id = Task.TaskId.make(uuid(n))
  switch (what) {
    case "add":
      return withTask(all, held(n, epoch))
    case "run":
      return withPhase(all, { id, epoch }, "running")
    case "report":
      return withPhase(all, { id, epoch }, "reporting")
    case "remove":
      return withoutTask(all, { id, epoch })
  }
}

describe("the held tasks", () => {
  it("T-02 a claim that is delivered again is the same held task", () => {
    const once = withTask(empty, held(1, 3))
    assert.strictEqual(withTask(once, held(1, 3)), once)
  })

  it("T-05 what belongs to another claim changes nothing", () => {
    const once = withTask(empty, held(1, 3))
    assert.strictEqual(withoutTask(once, { id: held(1, 3).id, epoch: 2 }), once)
    assert.strictEqual(withPhase(once, { id: held(1, 3).id, epoch: 2 }, "reporting"), once)
  })

  it.prop(
    "T-01 no two tasks that run have one slot, and the lowest free one is given",
    [Schema.Array(Step)],
    ([steps]) => {
      let all = empty
      for (const step of steps) {
        const lowest = lowestSlot(all)
        const before = all
        all = apply(all, step)
        const slots = [...all.values()].filter(({ phase }) => phase !== "reporting").map(({ slot }) => slot)
        assert.strictEqual(new Set(slots).size, slots.length)
        const added = [...all.values()].find((one) =>
          one.phase === "preparing" && before.get(one.id)?.epoch !== one.epoch
        )
        if (added !== undefined) assert.strictEqual(added.slot, lowest)
        assert.strictEqual(freeSlots(all, 3), Math.max(0, 3 - slots.length))
      }
    }
  )

  it("T-25 nothing is claimed while too many ends wait for the server", () => {
    let all = empty
    for (let n = 0; n < maxReporting; n++) {
      assert.strictEqual(freeSlots(all, 3), 3)
      all = withPhase(withTask(all, held(n, 1)), { id: held(n, 1).id, epoch: 1 }, "reporting")
    }
    assert.strictEqual(freeSlots(all, 3), 0)
  })
})

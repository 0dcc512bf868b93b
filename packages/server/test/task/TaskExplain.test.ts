import { assert, describe, it } from "@effect/vitest"
import { Task } from "@muster/domain"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { startTasks } from "./TaskScene.ts"

const iso = (ms: number) => new Date(ms).toISOString()

describe("T-40 explain over the API", () => {
  it.effect("T-40 a queued task names what it waits for: slots of its machine, its folder, a machine that drains", () =>
    Effect.gen(function*() {
      const { ana, claim, codex, home, me, muster, post } = yield* startTasks()
      const explain = (id: string) => Effect.map(me.get(`/api/tasks/${id}/explain`), ({ json }) => json)
      const first = (yield* post({ folder: "/srv/app" })).json
      yield* claim()
      const second = (yield* post({ folder: "/srv/app" })).json
      const third = (yield* post()).json
      const claude = yield* muster.runtime(home, { owner: ana.id, provider: "claude" })
      const fourth = (yield* post({ runtime_id: claude.id })).json
      const now = yield* Clock.currentTimeMillis
      assert.deepStrictEqual(yield* explain(second.id), {
        task: second,
        text:
          `It has been queued for 0 s: task ${first.id} uses the folder /srv/app, and one task at a time may do so.`,
        next: { text: "it fails if no daemon has claimed it", at: iso(now + Task.times.queued) }
      })
      const slots = `It has been queued for 0 s: the machine of ${codex.name} runs a task (${first.id}) ` +
        "and claims it when a slot is free."
      assert.deepStrictEqual([(yield* explain(third.id)).text, (yield* explain(fourth.id)).text], [slots, slots])
      const machine = yield* muster.machine(home, ana, codex.daemonId!)
      yield* me.patch(`/api/machines/${machine.id}`, { drain: true })
      assert.strictEqual(
        (yield* explain(third.id)).text,
        `It has been queued for 0 s: the machine of ${codex.name} is draining and takes no new work.`
      )
    }))

  it.effect("T-40 names who canceled, and the end has nothing next", () =>
    Effect.gen(function*() {
      const { me, post } = yield* startTasks()
      const { id } = (yield* post()).json
      yield* me.post(`/api/tasks/${id}/cancel`)
      yield* TestClock.adjust("5 seconds")
      const { next, task, text } = (yield* me.get(`/api/tasks/${id}/explain`)).json
      assert.deepStrictEqual([task.status, next], ["cancelled", null])
      assert.strictEqual(text, "It was canceled by ana and ended 5 s ago; no daemon had claimed it.")
    }))

  it.effect("T-40 without the registry it says that it is not known whether the runtime is online", () =>
    Effect.gen(function*() {
      let down = false
      const asked = Promise.withResolvers<void>()
      const { me, post } = yield* startTasks({
        wraps: {
          registry: (real) => ({
            find: (id) => down ? Effect.andThen(Effect.sync(() => asked.resolve()), Effect.never) : real.find(id)
          })
        }
      })
      const { id } = (yield* post()).json
      down = true
      const answer = yield* Effect.forkScoped(me.get(`/api/tasks/${id}/explain`))
      yield* Effect.promise(() => asked.promise)
      yield* TestClock.adjust("2 seconds")
      const { json } = yield* Fiber.join(answer)
      assert.strictEqual(json.text, "It has been queued for 2 s: it is not known whether its runtime is online.")
    }))
})

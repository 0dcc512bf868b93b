import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { ended, exists, markedProcesses, taskScene } from "./support/TaskScene.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 180_000

const kindsOf = (events: ReadonlyArray<any>): ReadonlyArray<string> =>
  events.map(({ body }) => body.kind).filter((kind, index, all) => kind !== all[index - 1])

describe("a task of a real Codex", () => {
  it.live(
    "T-13 T-19 T-18 writes a file, is canceled while it speaks, and while a command sleeps",
    () =>
      Effect.gen(function*() {
        const { model, runtime, tasks, work } = yield* taskScene
        const create = (prompt: string) => tasks.create({ runtime_id: runtime, prompt, folder: work })

        const written = yield* create(`SCRIPT:write PATH=${join(work, "app.txt")}`)
        const done = yield* ended(tasks, written.id)
        assert.deepInclude(done, { status: "completed", text: "I wrote the file.", rejections: 0, stopReason: "end" })
        assert.strictEqual(readFileSync(join(work, "app.txt"), "utf8"), "written by the agent\n")
        assert.deepInclude(done.usage[0], { inputTokens: 200, outputTokens: 40, cacheReadTokens: 60 })
        const kinds = kindsOf(yield* tasks.events(written.id)).filter((kind) => kind !== "usage" && kind !== "notice")
        assert.deepStrictEqual(kinds, ["attempt", "turn", "tool", "text", "turn"])
        assert.deepStrictEqual(markedProcesses(written.id), [])

        const slow = yield* create("SCRIPT:slow")
        yield* model.next("Asked").pipe(
          Effect.repeat({ until: (event) => event._tag === "Asked" && event.answer === "Slow" })
        )
        yield* tasks.cancel(slow.id)
        const stopped = yield* ended(tasks, slow.id)
        assert.deepInclude(stopped, { status: "cancelled", confirmed: true })
        yield* model.next("HungUp")
        assert.deepStrictEqual(markedProcesses(slow.id), [])

        const sleeping = yield* create("SCRIPT:longbash")
        yield* Effect.sync(() => exists(work, "long.txt")).pipe(Effect.repeat({ until: (there) => there }))
        assert.isNotEmpty(markedProcesses(sleeping.id))
        yield* tasks.cancel(sleeping.id)
        assert.deepInclude(yield* ended(tasks, sleeping.id), { status: "cancelled", confirmed: true })
        assert.strictEqual(readFileSync(join(work, "long.txt"), "utf8"), "start\n")
        assert.deepStrictEqual(markedProcesses(sleeping.id), [])
      }),
    testTimeout
  )
})

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
    "T-32 T-36 its environment is the allowed one, and no secret of it is in the log or the result",
    () =>
      Effect.gen(function*() {
        const { daemonEnv, runtime, server, tasks, work } = yield* taskScene
        const create = (prompt: string) => tasks.create({ runtime_id: runtime, prompt, folder: work })
        yield* ended(tasks, (yield* create("SCRIPT:env")).id)
        const names = readFileSync(join(work, "env.txt"), "utf8").split("\n").map((line) => line.split("=")[0]!)
        const own = names.filter((name) => name.startsWith("MUSTER_")).toSorted()
        assert.deepStrictEqual(own, [
          "MUSTER_SERVER_URL",
          "MUSTER_TASK",
          "MUSTER_TASK_OWNER",
          "MUSTER_TASK_SLOT",
          "MUSTER_TASK_TOKEN"
        ])
        const taskToken = /MUSTER_TASK_TOKEN=(mtk_[0-9a-f]{40})/.exec(readFileSync(join(work, "env.txt"), "utf8"))![1]!
        const shown = yield* create("SCRIPT:showenv")
        const done = yield* ended(tasks, shown.id)
        const log = JSON.stringify([yield* tasks.events(shown.id), done])
        assert.include(log, "SCRIPTED_KEY=[masked]")
        assert.include(log, "MUSTER_TASK_TOKEN=[masked]")
        for (const secret of [daemonEnv.SCRIPTED_KEY, server.token, taskToken]) assert.notInclude(log, secret)
      }),
    testTimeout
  )

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

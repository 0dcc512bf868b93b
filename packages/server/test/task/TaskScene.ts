import type { Runtime, Task, TaskEvent } from "@muster/domain"
import { Effect, Option } from "effect"
import type { Options } from "../support/Muster.ts"
import { startHome } from "../support/Scene.ts"

/** A server with Ana's workspace and runtime, and what a daemon does with tasks, directly in the stores. */
export const startTasks = Effect.fnUntraced(function*(options: Options = {}) {
  const scene = yield* startHome(options)
  const { codex, me, muster } = scene
  const held = ({ epoch, id }: Task.Task) => ({ id, epoch })
  const report = { text: "done", stopReason: "end", rejections: 0 }
  return {
    ...scene,
    /** Creates a task; the answer. */
    post: (body: object = {}, headers: Readonly<Record<string, string>> = {}) =>
      me.post("/api/tasks", { runtime_id: codex.id, prompt: "do it", ...body }, headers),
    claim: (max = 1, runtime: Runtime.Runtime = codex, fenced = true) =>
      Effect.orDie(muster.tasks.claim({
        daemonId: runtime.daemonId!,
        runtimeIds: [runtime.id],
        fenced,
        max,
        slots: fenced ? 32 : null,
        tokenHashes: []
      })),
    start: (task: Task.Task) => Effect.orDie(muster.tasks.start(held(task))),
    complete: (task: Task.Task, result: Partial<Task.Result> = {}) =>
      Effect.orDie(muster.tasks.settle(held(task), { _tag: "Completed", result: { ...report, ...result } }, {})),
    append: (task: Task.Task, first: number, bodies: ReadonlyArray<TaskEvent.Body>) =>
      Effect.orDie(muster.taskLog.append(held(task), bodies.map((body, n) => ({ seq: first + n, at: 0, body })))),
    taskOf: (id: string) => Effect.orDie(muster.tasks.find(id as Task.TaskId)).pipe(Effect.map(Option.getOrThrow))
  }
})

export const textsOf = (count: number, from = 1): ReadonlyArray<TaskEvent.Body> =>
  Array.from({ length: count }, (_, n) => ({ kind: "text", text: `${from + n}` }))

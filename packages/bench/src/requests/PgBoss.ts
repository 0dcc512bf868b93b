import { Effect } from "effect"
import { PgBoss } from "pg-boss"
import type { Contender, Peer } from "./Contender.ts"

const queue = (lane: number) => `lane-${lane}`

/** pg-boss: send → fetch → complete → get the job; each lane has a queue of its own, as ours has a runtime. */
export const pgBoss = (url: string): Peer => (lanes) =>
  Effect.gen(function*() {
    const boss = yield* Effect.acquireRelease(
      Effect.promise(() => new PgBoss({ connectionString: url, max: 10 }).start()),
      (boss) => Effect.promise(() => boss.stop({ graceful: false }))
    )
    yield* Effect.forEach(
      Array.from({ length: lanes }, (_, i) => i),
      (lane) => Effect.promise(() => boss.createQueue(queue(lane)))
    )
    const contender: Contender = {
      name: "pg-boss",
      cycle: async (lane) => {
        await boss.send(queue(lane), {})
        const [job] = await boss.fetch(queue(lane))
        await boss.complete(queue(lane), job!.id, { models: [{ id: "bench/model", label: "Bench" }] })
        const done = await boss.getJobById(queue(lane), job!.id)
        if (done?.state !== "completed") throw new Error(`state ${done?.state}`)
      }
    }
    return contender
  })

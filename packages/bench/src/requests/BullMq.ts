import { Queue, QueueEvents, Worker } from "bullmq"
import { Effect } from "effect"
import type { Contender, Peer } from "./Contender.ts"

/**
 * BullMQ: add → a worker processes → completed, with the result. The worker takes as many concurrently as there are
 * lanes.
 */
export const bullMq = (url: string): Peer => (lanes) =>
  Effect.gen(function*() {
    const name = `bench-${lanes}`
    const { hostname, port } = new URL(url)
    const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null }
    const queue = yield* Effect.acquireRelease(
      // Each awaited job listens to the queue's end.
      Effect.sync(() => new Queue(name, { connection }).setMaxListeners(0)),
      (queue) => Effect.promise(() => queue.close())
    )
    const events = yield* Effect.acquireRelease(
      Effect.sync(() => new QueueEvents(name, { connection }).setMaxListeners(0)),
      (events) => Effect.promise(() => events.close())
    )
    const worker = yield* Effect.acquireRelease(
      Effect.sync(() =>
        new Worker(name, () => Promise.resolve({ models: [{ id: "bench/model", label: "Bench" }] }), {
          connection,
          concurrency: lanes
        })
      ),
      (worker) => Effect.promise(() => worker.close())
    )
    yield* Effect.promise(() => Promise.all([events.waitUntilReady(), worker.waitUntilReady()]))
    const contender: Contender = {
      name: "bullmq",
      cycle: () => queue.add("models", {}, { removeOnComplete: 1_000 }).then((job) => job.waitUntilFinished(events))
    }
    return contender
  })

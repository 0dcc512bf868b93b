import { Effect } from "effect"
import { Logger, run } from "graphile-worker"
import type { Contender, Peer } from "./Contender.ts"

const quiet = new Logger(() => () => undefined)

/**
 * graphile-worker: add a job → a worker runs it → success. It keeps no result. Jobs are taken one by one, not in
 * batches.
 */
export const graphileWorker = (url: string): Peer => (lanes) =>
  Effect.gen(function*() {
    const finished = new Map<string, () => void>()
    const runner = yield* Effect.acquireRelease(
      Effect.promise(() =>
        run({
          connectionString: url,
          concurrency: lanes,
          maxPoolSize: 10,
          noHandleSignals: true,
          pollInterval: 1_000,
          logger: quiet,
          taskList: { models: () => Promise.resolve() }
        })
      ),
      (runner) => Effect.promise(() => runner.stop())
    )
    const early = new Set<string>()
    runner.events.on("job:success", ({ job }) => {
      const tell = finished.get(job.id)
      finished.delete(job.id)
      if (tell === undefined) early.add(job.id)
      else tell()
    })
    const contender: Contender = {
      name: "graphile-worker",
      cycle: () =>
        runner.addJob("models", {}).then(({ id }) =>
          early.delete(id) ? undefined : new Promise<void>((resolve) => finished.set(id, resolve))
        )
    }
    return contender
  })

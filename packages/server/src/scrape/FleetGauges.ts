import { Census, Runtime } from "@muster/domain"
import { interruptInBackground } from "@muster/kit"
import { Clock, Duration, Effect } from "effect"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"

/** How long a scrape waits for the count. */
const timeout = Duration.seconds(2)

/** How long a count is reused, also a failed one, so that any number of scrapes costs one call to the store. */
const freshFor = Duration.seconds(10)

const statuses = ["online", "offline"] as const

/**
 * Adds the gauges of the whole installation, and returns the effect that brings them up to date within 2 s. Every replica
 * has the same values. A gauge is NaN while the store does not count, so that no old number looks like a new one;
 * `muster_census_age_seconds` says how old the numbers are.
 */
export const addFleetGauges = Effect.gen(function*() {
  const { meter } = yield* ServerMetrics
  const take = yield* Census.Census
  const clock = yield* Clock.Clock
  let counts: Census.Counts | undefined
  let countedAt = clock.currentTimeMillisUnsafe()
  let isCounted = true

  const seconds = (since: number | null) =>
    since === null ? 0 : Math.max(0, clock.currentTimeMillisUnsafe() - since) / 1_000
  const gauge = (
    name: string,
    description: string,
    read: (counts: Census.Counts) => number,
    attributes: Readonly<Record<string, string>> = {}
  ) => meter.gauge(name, description, () => counts === undefined ? Number.NaN : read(counts), attributes)

  for (const provider of [...Runtime.knownProviders, "other"]) {
    for (const status of statuses) {
      gauge(
        "muster_runtimes",
        "Runtimes of all workspaces, by provider and status; each replica reports all",
        ({ runtimes }) => runtimes.find((one) => one.provider === provider && one.status === status)?.count ?? 0,
        { provider, status }
      )
    }
  }
  for (const status of statuses) {
    gauge(
      "muster_daemons",
      "Daemons by status; each replica reports all",
      ({ daemons }) => daemons[status],
      { status }
    )
  }
  gauge(
    "muster_request_oldest_pending_seconds",
    "Age of the oldest request that no daemon has received, 0 without one; each replica reports it",
    ({ oldestPending }) => seconds(oldestPending)
  )
  gauge("muster_tasks_queued", "Queued tasks; each replica reports all", ({ tasks }) => tasks.queued)
  gauge(
    "muster_tasks_active",
    "Tasks that a daemon has; each replica reports all",
    ({ tasks }) => tasks.active
  )
  gauge(
    "muster_task_oldest_queued_seconds",
    "How long the task waits that has been claimable longest, 0 without one; each replica reports it",
    ({ tasks }) => seconds(tasks.oldestQueued)
  )
  meter.gauge(
    "muster_census_age_seconds",
    "Age of the numbers of runtimes, daemons, requests and tasks; NaN: the stores do not count",
    () => isCounted ? seconds(countedAt) : Number.NaN
  )

  const count = Effect.gen(function*() {
    counts = yield* interruptInBackground(take).pipe(
      Effect.tap((taken) =>
        Effect.sync(() => {
          isCounted = taken !== undefined
          countedAt = clock.currentTimeMillisUnsafe()
        })
      ),
      Effect.timeout(timeout),
      Effect.catchCause(() => Effect.undefined)
    )
  })
  return yield* Effect.cachedWithTTL(count, freshFor)
})

import { freshDatabaseOn, PostgresServer } from "@muster/store-suite"
import { Console, Duration, Effect, Redacted } from "effect"
import { median, round } from "../load/median.ts"
import { type Muster, startMusterOn } from "../load/Muster.ts"

const machines = 1_250
const clis = ["claude", "codex", "gemini", "opencode"]
const rounds = 9

const pages = {
  first_page: "/api/fleet?group=machine&limit=100",
  last_page: "/api/fleet?sort=name&limit=100&offset=4900",
  search: "/api/fleet?q=machine-777",
  filters: "/api/fleet?status=offline,trouble&provider=claude&owner=me&limit=100"
}

const timed = (call: Effect.Effect<unknown>) =>
  Effect.map(Effect.timed(call), ([duration]) => round(Duration.toMillis(duration), 1))

const fill = (muster: Muster) =>
  Effect.forEach(Array.from({ length: machines }, (_, i) => i), (i) =>
    muster.call("POST", "/api/daemon/register", {
      workspace_id: muster.workspace,
      daemon_id: `daemon-${i}`,
      device_name: `machine-${i}`,
      runtimes: clis.map((type) => ({ name: `${type} (machine-${i})`, type, version: "1.2.3", status: "online" }))
    }), { concurrency: 4, discard: true })

/**
 * Each page in ms: after a change, so that everything is loaded from the database (`cold`), and right after that
 * (`warm`).
 */
const measure = Effect.fnUntraced(function*(name: string, urls: ReadonlyArray<string>) {
  const muster = yield* startMusterOn(urls)
  yield* fill(muster)
  const figures: Record<string, unknown> = {}
  for (const [page, path] of Object.entries(pages)) {
    const cold: Array<number> = []
    const warm: Array<number> = []
    for (let i = 0; i < rounds; i++) {
      yield* muster.register("daemon-bench")
      cold.push(yield* timed(muster.call("GET", path)))
      warm.push(yield* timed(muster.call("GET", path)))
    }
    figures[page] = { cold_ms: median(cold), cold_worst_ms: Math.max(...cold), warm_ms: median(warm) }
  }
  yield* Console.error(`${name}: done`)
  return { ...figures, bare_list_ms: yield* timed(muster.call("GET", "/api/runtimes")) }
}, Effect.scoped)

/** Pages of a fleet of 5,000 runtimes on 1,250 machines, in ms of a client in another process. */
export const fleetPages = Effect.gen(function*() {
  const { url } = yield* PostgresServer
  return {
    bench: "fleet",
    runtimes: machines * clis.length,
    embedded: yield* measure("embedded", []),
    postgres: yield* measure("postgres", [Redacted.value(yield* freshDatabaseOn(url))])
  }
}).pipe(Effect.scoped, Effect.provide(PostgresServer.layer))

import { freshDatabaseOn, PostgresServer } from "@muster/store-suite"
import { Console, Duration, Effect, Redacted } from "effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
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

/** `muster` as people start it. The version is the start of Node and the CLI alone. */
const commands = {
  "muster --version": ["--version"],
  "muster ls": ["ls"],
  "muster ls --json": ["ls", "--json"],
  "muster ls --machine machine-7": ["ls", "--machine", "machine-7"]
}

const main = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url))

const runCli = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) =>
  Effect.callback<void>((resume) => {
    const child = spawn(process.execPath, [main, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "ignore"]
    })
    child.stdout.resume()
    child.on("close", (code) => resume(code === 0 ? Effect.void : Effect.die(new Error(`${args.join(" ")}: ${code}`))))
  })

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
  const env = { MUSTER_SERVER_URL: muster.url, MUSTER_TOKEN: muster.token }
  for (const [command, args] of Object.entries(commands)) {
    const times = yield* Effect.replicateEffect(timed(runCli(args, env)), rounds)
    figures[command] = { median_ms: median(times), best_ms: Math.min(...times) }
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

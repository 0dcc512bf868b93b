import { WebSocket } from "@effect/platform-node/NodeWS"
import { assert, describe, it } from "@effect/vitest"
import { shared } from "@muster/store-suite"
import { Config, Effect, Fiber, Logger, Queue, Random, Ref, Schedule, Schema, Stream } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { makePerson } from "./support/FakeOpenCode.ts"
import { startFleet } from "./support/Fleet.ts"
import { calls } from "./support/Replica.ts"
import { runProcess, spawnMuster } from "./support/Spawned.ts"
import { ended, makeCodexMachine, taskCalls } from "./support/TaskScene.ts"
import { startTopology, type Topology } from "./support/Topology.ts"

/** How many daemons and open tasks the rolling restart has. The whole run has 200 and 30. */
const size = Config.withDefault(Config.Int("MUSTER_TOPOLOGY_DAEMONS"), 40)
const taskCount = Config.withDefault(Config.Int("MUSTER_TOPOLOGY_TASKS"), 0)

/** So many sockets of one replica are closed together. */
const few = 50

const testTimeout = 300_000

const topology = shared(startTopology)

const Asked = Schema.Struct({ id: Schema.String })
const Looked = Schema.Struct({ status: Schema.String })
const Runtimes = Schema.Array(Schema.Struct({ id: Schema.String, provider: Schema.String, status: Schema.String }))

const get = (url: string, init: RequestInit = {}) => Effect.promise(() => fetch(url, { redirect: "manual", ...init }))
const textOf = (response: Response) => Effect.promise(() => response.text())

/** The event stream of the workspace: each event's type, and `closed` once it has ended. */
const listen = Effect.fnUntraced(function*({ token, url, workspace }: Topology) {
  const events = yield* Queue.unbounded<string>()
  const stop = yield* Effect.acquireRelease(
    Effect.sync(() => new AbortController()),
    (stop) => Effect.sync(() => stop.abort())
  )
  const headers = { authorization: `Bearer ${token}` }
  const response = yield* get(`${url}/api/events?workspace_id=${workspace}`, { headers, signal: stop.signal })
  yield* Stream.fromReadableStream({ evaluate: () => response.body!, onError: (cause) => cause }).pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.filter((line) => line.startsWith("data:")),
    Stream.runForEach((line) => Queue.offer(events, JSON.parse(line.slice(5)).type)),
    Effect.ignore,
    Effect.andThen(Queue.offer(events, "closed")),
    Effect.forkScoped
  )
  const next = Queue.take(events)
  return { next }
})

/** Whether a socket at this address opens. */
const opens = (address: string, token: string) =>
  Effect.callback<string>((resume) => {
    const socket = new WebSocket(address, { headers: { authorization: `Bearer ${token}` } })
    socket.on("open", () => resume(Effect.succeed("open"))).on(
      "error",
      ({ message }) => resume(Effect.succeed(message))
    )
    return Effect.sync(() => socket.terminate())
  })

/** Daemons in this process, over real sockets, that are connected. */
const startConnected = Effect.fnUntraced(function*(folder: string) {
  const { token, url } = yield* topology
  const count = yield* size
  // 40 beats per second, whatever the size.
  const beat = 25 * count
  const fleet = yield* startFleet({ size: count, providers: ["claude"], serverUrl: url, token, folder, beat })
  /** Waits until each daemon holds a socket and has had an answer to a beat since now. */
  const connected = Effect.suspend(() => {
    const since = Date.now()
    return fleet.until(
      Effect.map(
        fleet.snapshots,
        (all) =>
          all.every(({ runtimes, socket }) =>
            socket === "connected" && runtimes.length === 1 &&
            runtimes.every(({ lastBeatAt }) => lastBeatAt !== null && lastBeatAt > since)
          )
      )
    )
  })
  yield* connected
  return { connected, fleet }
})

/** People who ask for models of these daemons' runtimes all the time, and repeat a call that a replica did not answer. */
const startLoad = Effect.fnUntraced(function*(ids: ReadonlyArray<string>) {
  const { token, url, workspace } = yield* topology
  const call = calls(token, workspace)
  const over = yield* Ref.make(false)
  const answers: Array<string> = []
  let repeated = 0
  const patient = <A, E>(one: Effect.Effect<A, E>) =>
    Effect.catchDefect(one, (defect) => Effect.andThen(Effect.sync(() => repeated++), Effect.fail(defect))).pipe(
      Effect.retry({ times: 50, schedule: Schedule.spaced("200 millis") }),
      Effect.orDie
    )
  const ask = Effect.gen(function*() {
    const models = `${url}/api/runtimes/${ids[yield* Random.nextIntBetween(0, ids.length - 1)]!}/models`
    const { id } = yield* patient(call(Asked, "POST", `${models}?fresh=1`))
    const { status } = yield* patient(call(Looked, "GET", `${models}/${id}?wait=30`)).pipe(
      // A replica that stops answers a waiting call at once, and its caller asks again.
      Effect.repeat({ until: ({ status }) => status !== "pending" && status !== "running" })
    )
    answers.push(status)
  })
  const people = yield* Effect.forkScoped(Effect.forEach(
    [1, 2, 3, 4],
    () => Effect.repeat(ask, { until: () => Ref.get(over) }),
    { concurrency: "unbounded" }
  ))
  return {
    repeated: () => repeated,
    runtimes: Effect.map(
      call(Runtimes, "GET", `${url}/api/runtimes`),
      (all) => all.filter(({ id }) => ids.includes(id))
    ),
    /** Lets what was asked end, and returns how it ended. */
    end: Ref.set(over, true).pipe(Effect.andThen(Fiber.join(people)), Effect.as(answers as ReadonlyArray<string>))
  }
})

/** A machine with Codex over TLS, and tasks in its queue. Returns how they ended. */
const startTasks = Effect.fnUntraced(function*(count: number) {
  if (count === 0) return Effect.succeed([])
  const { nginx, token, url } = yield* topology
  const { env, home } = yield* makeCodexMachine
  yield* spawnMuster(["daemon", "--data", `${home}/daemon`, "--json"], {
    ...env,
    NODE_EXTRA_CA_CERTS: nginx.certificates.authority,
    MUSTER_SERVER_URL: url,
    MUSTER_TOKEN: token
  })
  const tasks = yield* taskCalls({ url, token })
  const runtime = yield* tasks.runtime
  const made = yield* Effect.replicateEffect(tasks.create({ runtime_id: runtime, prompt: "SCRIPT:bash" }), count)
  return Effect.forEach(made, ({ id }) => Effect.map(ended(tasks, id), ({ status }) => status))
})

/** Reconnections (in ms) are spread: no second has more than three times the mean of all seconds, or than a few. */
const isSpread = (moments: ReadonlyArray<number>) => {
  const seconds = moments.map((moment) => Math.floor((moment - Math.min(...moments)) / 1_000))
  const counts = Array.from({ length: Math.max(...seconds) + 1 }, (_, at) => seconds.filter((one) => one === at).length)
  const mean = moments.length / counts.length
  assert.isAtMost(Math.max(...counts), Math.max(few, 3 * mean), `reconnected in each second: ${counts.join(" ")}`)
}

describe("two replicas behind nginx with TLS, on PostgreSQL and Redis", () => {
  it.live("P-04 nginx serves the console, keeps its cookies on TLS, redirects to TLS and hides the metrics", () =>
    Effect.gen(function*() {
      const { nginx, token, url } = yield* topology
      const page = yield* get(`${url}/machines`)
      assert.strictEqual(page.status, 200)
      assert.match(page.headers.get("content-security-policy") ?? "", /default-src/)
      const assets = [...(yield* textOf(page)).matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!)
      assert.isAbove(assets.length, 1)
      for (const path of assets) assert.strictEqual((yield* get(url + path)).status, 200)

      const signIn = yield* get(`${url}/api/session`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: url },
        body: JSON.stringify({ token })
      })
      assert.strictEqual(signIn.status, 200)
      for (const cookie of signIn.headers.getSetCookie()) assert.match(cookie, /; Secure/)

      const plain = yield* get(`${nginx.plainUrl}/runtimes?status=online`)
      assert.strictEqual(plain.status, 308)
      assert.strictEqual(plain.headers.get("location"), "https://localhost/runtimes?status=online")
      assert.strictEqual((yield* get(`${url}/metrics`)).status, 404)
    }))

  it.live(
    "P-04 a daemon over TLS holds its socket, its report of 16 MiB arrives, and an event stream shows it without a delay",
    () =>
      Effect.gen(function*() {
        const all = yield* topology
        const { nginx, token, url, workspace } = all
        const person = yield* makePerson
        // A quotation mark is two bytes of JSON and a control character six: 8 MiB of text are a report of more than 16 MiB.
        const folder = `${person.HOME}/.config/opencode/skills/large`
        mkdirSync(folder, { recursive: true })
        writeFileSync(`${folder}/SKILL.md`, "---\nname: large\ndescription: A large skill\n---\n\nRead.\n")
        for (let part = 0; part < 8; part++) {
          writeFileSync(`${folder}/${part}.md`, (part === 0 ? "\u0001" : "\"").repeat(2 ** 20 - 100))
        }

        const { next } = yield* listen(all)
        assert.strictEqual(yield* next, "hello")
        const env = {
          ...person,
          NODE_EXTRA_CA_CERTS: nginx.certificates.authority,
          MUSTER_SERVER_URL: url,
          MUSTER_TOKEN: token,
          MUSTER_LOCAL_PORT: "0"
        }
        const daemon = yield* spawnMuster(["daemon", "--data", `${person.HOME}/daemon`], env)
        yield* daemon.awaitOut(/online +opencode/)
        // nginx would pass on nothing of a stream that it buffers, since these few bytes do not fill a buffer.
        assert.strictEqual(yield* next, "changed")

        const imported = yield* runProcess(["skills", "import", "opencode", "large", "--json"], env)
        assert.strictEqual(imported.code, 0, imported.stderr)
        const report = nginx.lines().find(({ path }) =>
          path.endsWith("/result") && path.includes("/local-skills/import/")
        )
        assert.strictEqual(report?.status, 200)
        assert.isAbove(report!.received, 16 * 2 ** 20)

        const [runtime] = yield* calls(token, workspace)(Runtimes, "GET", `${url}/api/runtimes`)
        const thousand = Array.from({ length: 1_000 }, () => runtime!.id).join(",")
        assert.strictEqual(yield* opens(`${url}/api/daemon/ws?runtime_ids=${thousand}`, token), "open")
      }),
    testTimeout
  )

  it.live(
    "P-04 a rolling restart under load: no call fails, every request is answered, no daemon registers again; without " +
      "telling nginx, nothing is lost either",
    () =>
      Effect.gen(function*() {
        const all = yield* topology
        const { home, nginx, restart } = all
        const { connected, fleet } = yield* startConnected(`${home}/fleet`)
        const before = nginx.lines().length
        const load = yield* startLoad([...fleet.ids.values()].flatMap((own) => [...own]))
        const [first, second] = [yield* listen(all), yield* listen(all)]

        const tasks = yield* startTasks(yield* taskCount)

        for (const place of [0, 1] as const) {
          yield* nginx.leaveOut(place)
          const opened = fleet.dials.length
          assert.strictEqual(yield* restart(place), 0)
          yield* nginx.leaveOut(undefined)
          yield* connected
          isSpread(fleet.dials.slice(opened))
        }
        // Both replicas ended their streams; pages open them again.
        for (const { next } of [first, second]) yield* Effect.repeat(next, { until: (event) => event === "closed" })
        assert.deepStrictEqual(nginx.lines().slice(before).filter(({ status }) => status >= 500), [])
        assert.strictEqual(load.repeated(), 0)

        assert.strictEqual(yield* restart(0), 0)
        yield* connected
        for (const end of yield* tasks) assert.strictEqual(end, "completed")
        const answers = yield* load.end
        assert.isAbove(answers.length, 10)
        assert.deepStrictEqual([...new Set(answers)], ["completed"])
        assert.strictEqual(fleet.registrations(), yield* size, "each daemon registered once")
        const rows = yield* load.runtimes
        assert.deepStrictEqual([...new Set(rows.map(({ status }) => status))], ["online"])
        assert.sameMembers(rows.map(({ id }) => id), [...fleet.ids.values()].flatMap((own) => [...own]))
      }).pipe(Effect.scoped, Effect.provide(Logger.layer([]))),
    testTimeout
  )
})

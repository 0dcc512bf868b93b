import { assert, describe, it } from "@effect/vitest"
import { HostEnvironment } from "@muster/daemon"
import { Effect, Schedule } from "effect"
import { cpSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { fake, makePerson } from "./support/FakeOpenCode.ts"
import { killDaemon } from "./support/Processes.ts"
import { startReplica } from "./support/Replica.ts"
import { runMuster } from "./support/runMuster.ts"
import { runProcess, spawnMuster } from "./support/Spawned.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 180_000

/** Another machine: an empty home with an agent CLI, whose daemon, if one still runs at the end, is ended. */
const makeMachine = Effect.gen(function*() {
  const person = yield* Effect.acquireRelease(makePerson, ({ HOME }) => Effect.sync(() => killDaemon(HOME)))
  const env = { ...person, MUSTER_LOCAL_PORT: "0" }
  const command = (...args: ReadonlyArray<string>) =>
    runMuster(args, { home: env.HOME, env }).pipe(
      Effect.provideService(HostEnvironment, { PATH: "/usr/bin:/bin", ...env })
    )
  const status = Effect.map(command("daemon", "status", "--json"), ({ stdout }) => JSON.parse(stdout))
  return { env, home: env.HOME, command, status }
})

/** A server in a process of its own, and its owner at the command line. */
const startServer = Effect.gen(function*() {
  const owner = yield* makePerson
  const { token, url } = yield* startReplica(owner, "data")
  const env = { MUSTER_SERVER_URL: url, MUSTER_TOKEN: token }
  const command = (...args: ReadonlyArray<string>) => runMuster(args, { home: owner.HOME, env })
  const json = (...args: ReadonlyArray<string>) =>
    Effect.map(command(...args, "--json"), ({ code, stderr, stdout }) => {
      assert.strictEqual(code, 0, stderr)
      return JSON.parse(stdout)
    })
  return { env: { HOME: owner.HOME, ...env }, url, command, json }
})

const every = Schedule.spaced("200 millis")

describe("muster machines and muster join", () => {
  it.live(
    "A-03 A-04 A-11 a machine with an empty home joins by one command, is drained, copied in vain, and removed",
    () =>
      Effect.gen(function*() {
        const owner = yield* startServer
        const { command, home, status, env } = yield* makeMachine
        const added = yield* owner.json("machines", "add", "--name", "Laptop", "--label", "gpu")
        assert.strictEqual(added.command, `npx muster join ${owner.url} ${added.token}`)
        const joined = yield* runProcess(["join", owner.url, added.token, "--no-service"], env)
        assert.strictEqual(joined.code, 0, joined.stderr)
        assert.match(joined.stdout, /^This machine joined \S+ as Laptop, in 1 workspace: Home\n/)
        assert.include(joined.stdout, `online  opencode  ${fake.version}`)
        assert.strictEqual(statSync(`${home}/.muster/machine.json`).mode & 0o777, 0o600)
        assert.notInclude(readFileSync(`${home}/.muster/machine.json`, "utf8"), "mul_")

        const { machines } = yield* owner.json("machines", "list")
        assert.deepStrictEqual(
          machines.map(({ labels, name, runtime_counts, state }: any) => [name, state, labels, runtime_counts]),
          [["Laptop", "joined", ["gpu"], { online: 1, total: 1 }]]
        )
        assert.match(
          (yield* owner.command("machines")).stdout + (yield* owner.command("machines", "show", "laptop")).stdout,
          /opencode/
        )
        assert.match(
          (yield* command("daemon", "status")).stdout,
          /^ {2}machine +Laptop, its credential is valid until /m
        )
        assert.match((yield* command("doctor")).stdout, /^ok {4}sign-in: nobody is signed in; this machine joined /m)

        yield* owner.json("machines", "drain", "Laptop", "--note", "new disk")
        const asked = yield* owner.command("ping", "opencode")
        assert.match(asked.stderr, /^error: machine is draining: new disk\nnext: {2}.*muster machines resume/)
        yield* owner.json("machines", "resume", "Laptop")
        assert.strictEqual((yield* owner.command("ping", "opencode")).code, 0)

        const copy = yield* makeMachine
        mkdirSync(`${copy.home}/.muster`)
        for (const name of ["machine.json", "daemon.id"]) {
          cpSync(`${home}/.muster/${name}`, `${copy.home}/.muster/${name}`)
        }
        const copied = yield* copy.command("daemon", "start")
        assert.match(copied.stdout, /this machine does no work: its credential belongs to another machine, from which/)
        const refused = yield* owner.json("machines", "list")
        assert.deepStrictEqual(refused.machines.map(({ runtime_counts }: any) => runtime_counts.total), [1])
        yield* copy.command("daemon", "stop")

        const removed = yield* owner.json("machines", "remove", "Laptop")
        assert.deepInclude(removed, { runtimes: 1, credential_revoked: true })
        const health = yield* Effect.repeat(status, {
          until: ({ runtimes }) => runtimes.length === 0,
          schedule: every
        })
        assert.match(health.why, /^this machine does no work: it was removed from the server/)
        const log = readFileSync(`${home}/.muster/daemon.log`, "utf8")
        assert.lengthOf(log.match(/this machine does no work/g)!, 1)
        assert.strictEqual((yield* command("daemon", "stop")).code, 0)
        assert.deepStrictEqual((yield* owner.json("runtimes")).runtimes, [])
      }),
    testTimeout
  )

  it.live(
    "A-03 A-06 add waits for the machine; wrong tokens and servers are told; build machines join by a key and leave nothing",
    () =>
      Effect.gen(function*() {
        const owner = yield* startServer
        const { command, env, home } = yield* makeMachine
        const said = (...args: ReadonlyArray<string>) =>
          Effect.map(command("join", ...args, "--no-start"), ({ code, stderr }) => [code, stderr.split("\n")[0]])
        const { token } = yield* owner.json("machines", "add")
        const local = (url: string) => said(url, token)
        assert.deepStrictEqual(yield* local("http://127.0.0.1:1"), [
          7,
          "error: cannot reach the server at http://127.0.0.1:1: connection refused"
        ])
        assert.deepStrictEqual(yield* local(`${owner.url}/nothing`), [
          7,
          `error: the server at ${owner.url}/nothing does not respond like Muster (HTTP 404)`
        ])
        assert.deepStrictEqual(yield* local("muster"), [
          2,
          "error: the first argument is \"muster\", which is not the URL of a server"
        ])
        assert.deepStrictEqual(yield* said(owner.url, `${token}0`), [
          2,
          "error: that is not a join token: it is mjt_ or mjk_ and 40 characters, and a mistyped one does not pass"
        ])
        assert.deepStrictEqual(yield* said(owner.url, token), [0, ""])
        assert.deepStrictEqual(yield* said(owner.url, token), [
          3,
          "error: this join token was used, and each one adds one machine"
        ])
        rmSync(`${home}/.muster/machine.json`)

        const made = yield* owner.json("machines", "keys", "create", "--ephemeral", "--label", "ci", "--max-uses", "1")
        const ci = yield* spawnMuster(["daemon", "--json"], {
          ...env,
          MUSTER_SERVER_URL: owner.url,
          MUSTER_JOIN_KEY: made.key
        })
        yield* ci.awaitOut(/^\{[\s\S]*\n\}$/m)
        const runtimes = Effect.map(owner.json("runtimes"), ({ runtimes }) => runtimes.length)
        yield* Effect.repeat(runtimes, { until: (count) => count === 1, schedule: every })
        const [machine] = (yield* owner.json("machines", "list")).machines
        assert.deepInclude(machine, { ephemeral: true, labels: ["ci"], join_key_id: made.id })
        ci.process.kill("SIGTERM")
        assert.strictEqual((yield* ci.outcome).code, 0)
        assert.strictEqual(yield* runtimes, 0)
        assert.deepStrictEqual(
          (yield* owner.json("machines", "keys", "list")).keys.map(({ state, uses }: any) => [state, uses]),
          [["used", 1]]
        )

        const waiting = yield* spawnMuster(["machines", "add", "--wait", "--name", "Second"], owner.env)
        const [, url, one] = yield* waiting.awaitOut(/npx muster join (\S+) (mjt_\S+)/)
        assert.strictEqual((yield* command("join", url!, one!, "--no-service", "--json")).code, 0)
        const arrived = yield* waiting.outcome
        assert.match(arrived.stdout, new RegExp(`\nSecond joined\n +online +opencode +${fake.version}\n$`))
      }),
    testTimeout
  )
})

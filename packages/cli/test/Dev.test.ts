import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { readFileSync, statSync } from "node:fs"
import { fake, makePerson } from "./support/FakeOpenCode.ts"
import { profileOf } from "./support/runMuster.ts"
import { runProcess, type Spawned, spawnMuster } from "./support/Spawned.ts"

/** Servers start here; the machine may be busy. */
const testTimeout = 180_000

const stop = Effect.fnUntraced(function*({ outcome, process }: Spawned, signal: "SIGINT" | "SIGTERM") {
  process.kill(signal)
  const [took, { code }] = yield* Effect.timed(outcome)
  assert.strictEqual(code, 0)
  assert.isBelow(Duration.toMillis(took), 5_000)
})

const json = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) =>
  Effect.map(runProcess([...args, "--json"], env), ({ code, stderr, stdout }) => {
    assert.strictEqual(code, 0, stderr)
    return JSON.parse(stdout)
  })

describe("muster dev", () => {
  it.live("from nothing to the models of an agent CLI, then again on the same data", () =>
    Effect.gen(function*() {
      const person = yield* makePerson
      const dev = ["dev", "--port", "0", "--data", `${person.HOME}/data`]

      const first = yield* spawnMuster(dev, { ...person, MUSTER_DEVICE_NAME: "workbench" })
      yield* first.awaitOut(/npx muster models opencode/)
      const { stdout } = first.said()
      assert.match(stdout, /^Muster is up: http:\/\/127\.0\.0\.1:\d+$/m)
      assert.match(stdout, /^ {2}console +http:\/\/127\.0\.0\.1:\d+\/#sign-in=mln_[0-9a-f]{40} /m)
      assert.match(stdout, /^ {2}token +~\/data\/token /m)
      assert.match(stdout, /^ {2}online +opencode +9\.9\.9$/m)
      assert.strictEqual(statSync(profileOf(person.HOME)).mode & 0o777, 0o600)

      const { runtimes } = yield* json(["runtimes"], person)
      assert.deepInclude(runtimes[0], {
        name: "Opencode (workbench)",
        provider: "opencode",
        status: "online",
        version: fake.version
      })
      const answer = yield* json(["models", "opencode"], person)
      assert.strictEqual(answer.source, "live")
      assert.deepStrictEqual(answer.models.map(({ id }: { readonly id: string }) => id), fake.models)

      const rival = yield* runProcess(dev, person)
      assert.strictEqual(rival.code, 8)
      assert.match(rival.stderr, /^error: the data folder \S+ is in use [^\n]+\nnext: {2}[^\n]+\n$/)
      yield* stop(first, "SIGTERM")

      const second = yield* spawnMuster(dev, person)
      yield* second.awaitOut(/npx muster models opencode/)
      const again = yield* json(["runtimes"], person)
      assert.strictEqual(again.runtimes[0].id, runtimes[0].id)
      yield* stop(second, "SIGINT")
    }), testTimeout)

  it.live(
    "C-06 --json prints one document; a taken port is exit code 8; --no-daemon registers nothing",
    () =>
      Effect.gen(function*() {
        const person = yield* makePerson
        const dev = yield* spawnMuster(["dev", "--port", "0", "--no-daemon", "--json"], person)
        yield* dev.awaitOut(/\n\}\n/)
        const document = JSON.parse(dev.said().stdout)
        assert.strictEqual(document.profile_file, profileOf(person.HOME))
        assert.strictEqual(document.token_file, `${person.HOME}/.muster/token`)
        assert.strictEqual(JSON.parse(readFileSync(profileOf(person.HOME), "utf8")).server_url, document.url)
        assert.deepStrictEqual(yield* json(["runtimes"], person), { runtimes: [] })

        const taken = yield* runProcess(["dev", "--port", new URL(document.url).port, "--json"], yield* makePerson)
        assert.strictEqual(taken.code, 8)
        assert.strictEqual(JSON.parse(taken.stdout).code, "cannot_start_port")
        yield* stop(dev, "SIGTERM")
      }),
    testTimeout
  )
})

describe("muster server and muster daemon", () => {
  it.live("read their configuration from the environment and work with each other", () =>
    Effect.gen(function*() {
      const { HOME } = yield* makePerson
      const server = yield* spawnMuster(["server", "--json"], {
        HOME,
        PORT: "0",
        HOST: "127.0.0.1",
        MUSTER_DATA: `${HOME}/srv`
      })
      yield* server.awaitOut(/\n\}\n/)
      const { token_file, url } = JSON.parse(server.said().stdout)
      assert.strictEqual(token_file, `${HOME}/srv/token`)

      const elsewhere = yield* makePerson
      const env = { ...elsewhere, MUSTER_SERVER_URL: url, MUSTER_TOKEN: readFileSync(token_file, "utf8").trim() }
      const daemon = yield* spawnMuster(["daemon", "--name", "laptop"], env)
      yield* daemon.awaitOut(/^ {2}online +opencode +9\.9\.9$/m)
      const { runtimes } = yield* json(["runtimes"], env)
      assert.include(runtimes[0].name, "laptop")

      yield* stop(daemon, "SIGTERM")
      const after = yield* json(["runtimes"], env)
      assert.strictEqual(after.runtimes[0].status, "offline")
      yield* stop(server, "SIGTERM")
    }), testTimeout)
})

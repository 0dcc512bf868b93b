import { assert, describe, it } from "@effect/vitest"
import { HostEnvironment } from "@muster/daemon"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { isAlive } from "../src/daemon/LocalDaemon.ts"
import { makePerson } from "./support/FakeOpenCode.ts"
import { token } from "./support/Fixtures.ts"
import { daemonPid, killDaemon } from "./support/Processes.ts"
import { makeHome, runMuster } from "./support/runMuster.ts"
import { deadServer, scriptedServer } from "./support/ScriptedServer.ts"
import { runProcess } from "./support/Spawned.ts"

/** Processes start here; the machine may be busy. */
const testTimeout = 90_000

/** A person with an unreachable server, whose daemon, if it still runs at the end, is ended. */
const withPerson = Effect.gen(function*() {
  const person = yield* Effect.acquireRelease(makePerson, ({ HOME }) => Effect.sync(() => killDaemon(HOME)))
  const url = yield* deadServer
  const env = { ...person, MUSTER_SERVER_URL: url, MUSTER_TOKEN: token, MUSTER_LOCAL_PORT: "0" }
  const muster = (...args: ReadonlyArray<string>) =>
    runMuster(args, { home: person.HOME, env }).pipe(
      Effect.provideService(HostEnvironment, { PATH: "/usr/bin:/bin", ...env })
    )
  return { env, url, muster }
})

describe("muster daemon start, status, logs, stop", () => {
  it.live(
    "C-06 a daemon runs in the background, from start to end; a second one is refused with the first one's pid",
    () =>
      Effect.gen(function*() {
        const { env, muster, url } = yield* withPerson
        const before = yield* muster("daemon", "status", "--json")
        assert.strictEqual(before.code, 5)
        assert.deepInclude(JSON.parse(before.stdout), { status: "stopped", code: "daemon_stopped", exit_code: 5 })
        assert.match(before.stderr, /^error: no daemon runs for \S+\nnext: {2}start one: muster daemon start\n$/)

        const started = yield* muster("daemon", "start")
        assert.strictEqual(started.code, 0, started.stderr)
        assert.match(
          started.stdout,
          /^Muster's daemon runs: process \d+, 0 runtimes at \S+; the server cannot be reached.*\n$/
        )
        const pid = daemonPid(env.HOME)!
        assert.include(started.stdout, `process ${pid},`)

        const again = yield* muster("daemon", "start")
        assert.deepInclude(again, { code: 0, stderr: "" })
        assert.include(again.stdout, `already runs: process ${pid},`)
        const second = yield* runProcess(["daemon", "--json"], env)
        assert.strictEqual(second.code, 8)
        assert.deepInclude(JSON.parse(second.stdout), { code: "cannot_start_daemon_runs", exit_code: 8 })
        assert.match(second.stderr, new RegExp(`^error: [^\\n]* already runs: process ${pid}\\nnext: `))

        const status = yield* muster("daemon", "status")
        assert.strictEqual(status.code, 0)
        assert.include(status.stdout, `Muster's daemon is running: process ${pid}, for `)
        assert.match(status.stdout, new RegExp(`^  server +${url}$`, "m"))
        assert.match(status.stdout, /^ {2}outbox +empty$/m)
        assert.match(status.stdout, /^ {2}problem +the server cannot be reached/m)
        const health = JSON.parse((yield* muster("daemon", "status", "--json")).stdout)
        assert.deepInclude(health, { pid, status: "running", agents: [], workspaces: null, profile: "" })
        const { stdout: doctor } = yield* muster("doctor")
        assert.match(
          doctor,
          new RegExp(`^warn {2}daemon: process ${pid} is running: .*the server cannot be reached`, "m")
        )

        const log = yield* muster("daemon", "logs", "--json")
        assert.isTrue(
          JSON.parse(log.stdout).lines.some((line: string) => line.includes("the server cannot be reached"))
        )
        assert.strictEqual((yield* muster("daemon", "logs", "-f", "--json")).code, 2)

        const restarted = yield* muster("daemon", "restart")
        assert.strictEqual(restarted.code, 0, restarted.stderr)
        const next = daemonPid(env.HOME)!
        assert.notStrictEqual(next, pid)
        assert.include(restarted.stdout, `Muster's daemon runs: process ${next},`)
        assert.isFalse(isAlive(pid))

        const stopped = yield* muster("daemon", "stop")
        assert.deepInclude(stopped, { code: 0, stdout: `Muster's daemon has stopped (process ${next})\n` })
        assert.isFalse(isAlive(next))
        const none = yield* muster("daemon", "stop", "--json")
        assert.deepInclude(none, { code: 0, stdout: "{\n  \"status\": \"stopped\",\n  \"pid\": null\n}\n" })
      }),
    testTimeout
  )

  it.live(
    "C-06 a failed start prints the daemon's own reason, with its exit code",
    () =>
      Effect.gen(function*() {
        const { env, muster } = yield* withPerson
        const other = new URL((yield* scriptedServer({})).url).port
        const taken = yield* muster("daemon", "start", "--local-port", other)
        assert.strictEqual(taken.code, 8)
        assert.strictEqual(
          taken.stderr,
          `error: the daemon's local port ${other} cannot be used: another program has it\n` +
            "next:  choose another local port: --local-port 0 for any free port\n"
        )
        writeFileSync(`${env.HOME}/file`, "")
        const folder = yield* muster("daemon", "start", "--data", `${env.HOME}/file/data`)
        assert.strictEqual(folder.code, 8)
        assert.match(folder.stderr, /^error: the log \S+ cannot be written\n/)
        const signedOut = yield* runMuster(["daemon", "start"], { home: env.HOME })
        assert.strictEqual(signedOut.code, 3)
        assert.strictEqual((yield* muster("daemon", "logs", "--data", `${env.HOME}/none`)).code, 4)
      }),
    testTimeout
  )
})

describe("a daemon that does not answer", () => {
  it.live.each(["silence", "a broken connection"])("is not reported as stopped: %s", (how) =>
    Effect.gen(function*() {
      const home = yield* makeHome
      const mute = createServer((socket) => {
        socket.on("error", () => {})
        if (how !== "silence") socket.resetAndDestroy()
      })
      yield* Effect.acquireRelease(
        Effect.callback<void>((resume) => void mute.listen(0, "127.0.0.1", () => resume(Effect.void))),
        () => Effect.sync(() => mute.close())
      )
      const { port } = mute.address() as AddressInfo
      mkdirSync(`${home}/.muster`)
      const write = (pid: number) =>
        writeFileSync(`${home}/.muster/daemon.json`, JSON.stringify({ pid, port, token: "t", started_at: 0 }))
      write(process.pid)
      const alive = yield* runMuster(["daemon", "status", "--json"], { home })
      assert.deepInclude(JSON.parse(alive.stdout), { code: "daemon_silent", status: "silent", exit_code: 5 })
      if (how === "silence") return
      const stop = yield* runMuster(["daemon", "stop"], { home })
      assert.match(
        stop.stderr,
        new RegExp(`^error: the daemon \\(process ${process.pid}\\) does not answer.*\nnext: .*kill`)
      )
      // The process that wrote the file has ended, and another program has its port.
      const { pid } = spawnSync("/bin/true")
      write(pid)
      assert.strictEqual(JSON.parse((yield* runMuster(["daemon", "stop", "--json"], { home })).stdout).pid, null)
    }))
})

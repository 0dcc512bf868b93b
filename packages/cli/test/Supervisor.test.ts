import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import type { DaemonSnapshot, DaemonStatus } from "@muster/daemon"
import { Clock, ConfigProvider, Console, Deferred, Effect, FileSystem, Queue } from "effect"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import { TestClock } from "effect/testing"
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { daemonLogs } from "../src/daemon/ShowLogs.ts"
import { layerLogFile } from "../src/log/LogFile.ts"
import { beatsSucceed, notifySupervisor } from "../src/service/Supervisor.ts"

type Runtimes = ReadonlyArray<{ readonly lastBeatAt: number | null }>
const snapshotOf = (runtimes: Runtimes) => ({ runtimes }) as unknown as DaemonSnapshot

/** The notifications to systemd by a daemon with these runtimes, with times in ms. */
const told = Effect.fnUntraced(function*(env: Readonly<Record<string, string>>, runtimes: () => Runtimes) {
  const words: Array<readonly [number, string]> = []
  const ready = yield* Deferred.make<void>()
  const status: DaemonStatus["Service"] = {
    awaitReady: Deferred.await(ready),
    snapshot: Effect.sync(() => snapshotOf(runtimes()))
  }
  const spawner = {
    exitCode: (command: ChildProcess.Command) =>
      Effect.gen(function*() {
        assert.isTrue(ChildProcess.isStandardCommand(command))
        if (!ChildProcess.isStandardCommand(command)) return
        assert.strictEqual(command.command, "systemd-notify")
        words.push([yield* Clock.currentTimeMillis, command.args.join(" ")])
      })
  } as unknown as ChildProcessSpawner.ChildProcessSpawner["Service"]
  yield* Effect.forkScoped(
    notifySupervisor(status).pipe(
      Effect.provideService(ChildProcessSpawner.ChildProcessSpawner, spawner),
      Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
    )
  )
  return { words, ready: Deferred.succeed(ready, undefined) }
})

const systemd = { NOTIFY_SOCKET: "/run/notify", WATCHDOG_USEC: "600000000" }

describe("the supervisor", () => {
  it.effect("is notified when the daemon is ready, and its watchdog only while beats succeed", () =>
    Effect.gen(function*() {
      let last: number | null = null
      const { ready, words } = yield* told(systemd, () => [{ lastBeatAt: null }, { lastBeatAt: last }])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(words, [])
      yield* ready
      yield* TestClock.adjust("0 millis")
      assert.deepStrictEqual(words, [[60_000, "READY=1"], [60_000, "WATCHDOG=1"]])
      // Beats succeed for half an hour, then no more.
      for (let minute = 2; minute <= 30; minute++) {
        last = minute * 60_000
        yield* TestClock.adjust("1 minute")
      }
      const fed = words.length
      assert.strictEqual(fed, 2 + 8)
      yield* TestClock.adjust("2 hours")
      const lastFed = words.at(-1)![0]
      assert.isAtMost(lastFed, last! + 600_000)
      assert.isAtMost(words.length, fed + 4)
      last = lastFed + 2 * 3_600_000
      yield* TestClock.adjust("10 minutes")
      assert.isAbove(words.at(-1)![0], lastFed)
    }))

  it.effect("is not notified without systemd, and its watchdog not without one", () =>
    Effect.gen(function*() {
      const alone = yield* told({ WATCHDOG_USEC: "600000000" }, () => [])
      const unwatched = yield* told({ NOTIFY_SOCKET: "/run/notify" }, () => [])
      yield* alone.ready
      yield* unwatched.ready
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(alone.words, [])
      assert.deepStrictEqual(unwatched.words, [[0, "READY=1"]])
    }))

  it("a daemon without runtimes does not beat, and a new one has time to start", () => {
    const beats = (runtimes: Runtimes, now: number) => beatsSucceed(snapshotOf(runtimes), 100, now, 0)
    assert.isTrue(beats([], 1_000))
    assert.isTrue(beats([{ lastBeatAt: null }], 100))
    assert.isFalse(beats([{ lastBeatAt: null }], 101))
    assert.isTrue(beats([{ lastBeatAt: null }, { lastBeatAt: 950 }], 1_000))
    assert.isFalse(beats([{ lastBeatAt: 899 }], 1_000))
  })
})

describe("the daemon's log file", () => {
  it.live("has a bounded size, is readable by its owner only, and is followed across a rotation", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const dataDir = yield* files.makeTempDirectoryScoped()
      const path = `${dataDir}/daemon.log`
      const shown = yield* Queue.unbounded<string>()
      writeFileSync(path, "earlier\n")
      yield* Effect.forkScoped(
        daemonLogs({ data: dataDir, lines: 1, follow: true, json: false }).pipe(
          Effect.provideService(Console.Console, {
            ...globalThis.console,
            log: (text: string) => void Queue.offerUnsafe(shown, text)
          })
        )
      )
      const until = (text: string): Effect.Effect<void> =>
        Effect.flatMap(Queue.take(shown), (said) => said.includes(text) ? Effect.void : until(text))
      yield* until("earlier")
      yield* Effect.gen(function*() {
        // Each is on the disk before the next, like the lines of a daemon, which are seconds apart.
        for (let n = 0; n < 5; n++) {
          yield* Effect.logInfo(`${n} ${"x".repeat(2 * 1_024 * 1_024)}`)
          yield* until(`${n} xxx`)
        }
        yield* Effect.logWarning("the last one")
      }).pipe(Effect.provide(layerLogFile(path)))
      yield* until("the last one")
      const [now, before] = [path, `${path}.1`].map((file) => statSync(file).size)
      // Full at 4 MiB, by the line that reaches it.
      assert.isBelow(now!, 6.1 * 1_024 * 1_024)
      assert.isBelow(before!, 6.1 * 1_024 * 1_024)
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
      assert.match(readFileSync(path, "utf8").slice(-100), /level=WARN .*message="the last one"\n$/)
    }).pipe(Effect.provide(NodeServices.layer)))
})

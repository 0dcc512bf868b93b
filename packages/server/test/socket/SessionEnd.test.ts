import { assert, describe, it } from "@effect/vitest"
import { Wake } from "@muster/domain"
import { Deferred, Effect } from "effect"
import { TestClock } from "effect/testing"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"

type Options = NonNullable<Parameters<typeof startHome>[0]>
type Scene = Effect.Success<ReturnType<typeof startConnected>>

const times = (count: number) => Array.from({ length: count }, (_, i) => i)

/** Counts how often a subscription to wakes ended. */
const startConnected = Effect.fnUntraced(function*(options: Options = {}) {
  const left = { times: 0 }
  const count = Effect.sync(() => void left.times++)
  const scene = yield* startHome({
    ...options,
    wraps: {
      ...options.wraps,
      wake: (real) => ({
        listen: (topics, onWake) => Effect.map(real.listen(topics, onWake), (leave) => Effect.andThen(count, leave))
      })
    }
  })
  const query = `?runtime_ids=${scene.codex.id}`
  const socket = yield* openSocket(scene.muster.url, query, scene.ana.token)
  yield* socket.beat(scene.codex.id)
  assert.deepStrictEqual(yield* socket.next, ackOf(scene.codex.id))
  return { ...scene, left, query, socket }
})

const gauges = ["muster_sockets_open", "muster_runtimes_held"]

const gaugesOf = ({ muster }: Scene) =>
  Effect.map(
    muster.nobody.get("/metrics"),
    ({ text }) => gauges.map((gauge) => Number(new RegExp(`^${gauge} (\\d+)`, "m").exec(text)?.[1]))
  )

/** What ends a socket, with its close code; undefined: the daemon ends it. */
const endings: ReadonlyArray<readonly [string, number | undefined, (scene: Scene) => Effect.Effect<unknown, unknown>]> =
  [
    ["the daemon closes", undefined, ({ socket }) => socket.close],
    ["the daemon vanishes", undefined, ({ socket }) => socket.cut],
    ["the daemon floods", 1008, ({ socket }) => Effect.forEach(times(103), () => socket.send("{}"))],
    ["a frame is too large", undefined, ({ socket }) => socket.send("x".repeat(5_000))],
    [
      "the token is revoked",
      1008,
      ({ me, muster, ana }) =>
        Effect.gen(function*() {
          const [token] = yield* muster.access.listTokens(ana.id)
          yield* me.delete(`/api/tokens/${token!.id}`)
          yield* TestClock.adjust("10 seconds")
        })
    ],
    ["the drain begins", 1012, ({ muster }) => muster.draining.begin]
  ]

describe("the end of a socket's session", () => {
  it.effect.each(endings)("%s: every registration of the socket ends, once", ([, code, act]) =>
    Effect.gen(function*() {
      const scene = yield* startConnected()
      assert.deepStrictEqual(yield* gaugesOf(scene), [1, 1])
      yield* act(scene)
      const closed = yield* scene.socket.closed
      if (code !== undefined) assert.strictEqual(closed, code)
      // The line is written when the connection has closed.
      yield* scene.muster.requestLines("/api/daemon/ws", 1)
      assert.deepStrictEqual(yield* gaugesOf(scene), [0, 0])
      assert.strictEqual(scene.left.times, 1)
    }))

  it.effect("the access log has one line for a socket, at its end, with its duration and its caller", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const headers = { "x-request-id": "of-the-socket", "x-client-platform": "daemon", "x-client-version": "0.3.1" }
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token, { headers })
      yield* TestClock.adjust("5 seconds")
      yield* socket.beat(codex.id)
      yield* socket.next
      assert.deepStrictEqual(muster.lines.filter(({ annotations }) => annotations["path"] === "/api/daemon/ws"), [])
      yield* socket.close
      const [line] = yield* muster.requestLines("/api/daemon/ws", 1)
      const { token_id, ...annotations } = line!.annotations
      assert.match(String(token_id), /^[\w-]{36}$/)
      assert.deepStrictEqual({ ...line, annotations }, {
        level: "Info",
        message: "request",
        annotations: {
          request_id: "of-the-socket",
          method: "GET",
          path: "/api/daemon/ws",
          status: 204,
          ms: 5_000,
          user_id: ana.id,
          client: "daemon 0.3.1"
        }
      })
    }))

  it.effect("the server's stop interrupts a beat under way, and waits for its end", () =>
    Effect.gen(function*() {
      const beating = yield* Deferred.make<void>()
      const ends: Array<string> = []
      let hang = false
      const scene = yield* startConnected({
        wraps: {
          liveness: (real) => ({
            beat: (runtime) =>
              hang
                ? Effect.andThen(Deferred.succeed(beating, undefined), Effect.never).pipe(
                  Effect.onInterrupt(() => Effect.andThen(Effect.yieldNow, Effect.sync(() => ends.push("beat"))))
                )
                : real.beat(runtime)
          })
        }
      })
      hang = true
      yield* scene.socket.beat(scene.codex.id)
      yield* Deferred.await(beating)
      yield* scene.muster.stop
      ends.push("server")
      assert.deepStrictEqual(ends, ["beat", "server"])
      assert.strictEqual(yield* scene.socket.closed, 1012)
      assert.strictEqual(scene.left.times, 1)
      assert.strictEqual((yield* scene.muster.requestLines("/api/daemon/ws", 1)).length, 1)
    }))

  it.effect("frames after the end are ignored, and a beat under way is interrupted", () =>
    Effect.gen(function*() {
      const interrupted = yield* Deferred.make<void>()
      const beaten: Array<string> = []
      const { ana, claude, codex, muster } = yield* startTwo({
        wraps: {
          liveness: () => ({
            beat: ({ id }) => {
              beaten.push(id)
              return Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined))
            }
          })
        }
      })
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id},${claude.id}`, ana.token)
      yield* socket.beat(codex.id)
      yield* socket.caughtUp
      // Sent before the end, and read after it: both happen in one turn.
      yield* Effect.andThen(socket.beat(claude.id), muster.draining.begin)
      assert.strictEqual(yield* socket.closed, 1012)
      yield* Deferred.await(interrupted)
      assert.deepStrictEqual(beaten, [codex.id])
    }))

  it.effect("a session that ends while it subscribes to wakes ends its subscription", () =>
    Effect.gen(function*() {
      const [asked, taken, left] = [
        yield* Deferred.make<void>(),
        yield* Deferred.make<void>(),
        yield* Deferred.make<void>()
      ]
      const { ana, codex, muster } = yield* startHome({
        wraps: {
          wake: () => ({
            listen: () =>
              Effect.andThen(
                Deferred.succeed(asked, undefined),
                Effect.as(Deferred.await(taken), Effect.asVoid(Deferred.succeed(left, undefined)))
              )
          })
        }
      })
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      yield* Deferred.await(asked)
      yield* muster.draining.begin
      assert.isFalse(Deferred.isDoneUnsafe(left))
      yield* Deferred.succeed(taken, undefined)
      yield* Deferred.await(left)
      assert.strictEqual(yield* socket.closed, 1012)
      // It reads on, so the connection closes with the daemon's answer and not by a timeout.
      yield* muster.requestLines("/api/daemon/ws", 1)
    }))

  it.effect("a defect while a wake is handled is reported, and ends neither the socket nor the server", () =>
    Effect.gen(function*() {
      let broken = false
      const { codex, me, muster, socket } = yield* startConnected({
        wraps: {
          registry: (real) => ({ find: (id) => broken ? Effect.die(new Error("boom")) : real.find(id) })
        }
      })
      yield* socket.pinged
      yield* socket.caughtUp
      broken = true
      yield* muster.wake.publish(Wake.topic.runtime(codex.id))
      yield* socket.caughtUp
      broken = false
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id, { pending_model_list: { id } }))
      const defects = muster.lines.filter(({ level }) => level === "Error").map(({ message }) => message)
      assert.deepStrictEqual(defects, ["a wake failed with a defect: Error: boom"])
    }))

  it.effect("at most eight wakes of a socket are handled at a time, and the next when one ends", () =>
    Effect.gen(function*() {
      const go = yield* Deferred.make<void>()
      const [eight, ninth] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      let asked = 0
      const { ana, home, muster } = yield* startHome({
        wraps: {
          requests: () => ({
            waiting: () =>
              Effect.suspend(() => {
                asked++
                if (asked === 8) Deferred.doneUnsafe(eight, Effect.void)
                if (asked === 9) Deferred.doneUnsafe(ninth, Effect.void)
                return Effect.as(Deferred.await(go), [])
              })
          })
        }
      })
      const ids = yield* Effect.forEach(
        times(9),
        (i) => Effect.map(muster.runtime(home, { daemon: `daemon-${i}` }), ({ id }) => id)
      )
      const socket = yield* openSocket(muster.url, `?runtime_ids=${ids.join()}`, ana.token)
      yield* socket.pinged
      yield* socket.caughtUp
      yield* Effect.forEach(ids, (id) => muster.wake.publish(Wake.topic.runtime(id)))
      yield* Deferred.await(eight)
      yield* socket.caughtUp
      assert.strictEqual(asked, 8)
      yield* Deferred.succeed(go, undefined)
      yield* Deferred.await(ninth)
    }))
})

const startTwo = Effect.fnUntraced(function*(options: Options) {
  const scene = yield* startHome(options)
  return { ...scene, claude: yield* scene.muster.runtime(scene.home, { provider: "claude" }) }
})

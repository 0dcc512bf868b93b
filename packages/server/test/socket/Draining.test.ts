import { assert, describe, it } from "@effect/vitest"
import { serverStop } from "@muster/kit"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { connect } from "node:net"
import { ackOf, openSocket, refusedSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"

/** Lets every fiber run that waits for neither the clock nor a peer. */
const turns = Effect.repeat(Effect.yieldNow, { times: 200 })

/** Waits until a server accepts no connections any more. */
const refusal = (url: string) =>
  Effect.callback<boolean>((resume) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1")
    socket.once("connect", () => {
      socket.destroy()
      resume(Effect.succeed(false))
    })
    socket.once("error", () => resume(Effect.succeed(true)))
  }).pipe(Effect.repeat({ until: (refused) => refused }))

describe("the server's end", () => {
  it.effect("a socket is closed with 1012 immediately, and the server ends without waiting", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
      yield* muster.stop
      assert.strictEqual(yield* socket.closed, 1012)
    }))

  it.effect("a daemon that does not answer the close does not keep the server from stopping", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      yield* socket.beat(codex.id)
      yield* socket.next
      yield* socket.freeze
      const before = Date.now()
      yield* muster.stop
      const took = Date.now() - before
      assert.isBelow(took, 10_000, "the default of `ws` is 30 s")
      assert.strictEqual((yield* muster.requestLines("/api/daemon/ws", 1)).length, 1)
    }))

  it.effect("many sockets are closed in turns over the drain's window; a new one is refused meanwhile", () =>
    Effect.gen(function*() {
      const { ana, home, muster } = yield* startHome()
      const ids = yield* Effect.forEach(
        Array.from({ length: 60 }),
        (_, i) => Effect.map(muster.runtime(home, { daemon: `daemon-${i}` }), ({ id }) => id)
      )
      const open = (id: string) => openSocket(muster.url, `?runtime_ids=${id}`, ana.token)
      const sockets = yield* Effect.forEach(ids, open, { concurrency: 10 })
      yield* muster.draining.begin
      const refused = yield* refusedSocket(muster.url, `?runtime_ids=${ids[0]}`, ana.token)
      assert.deepStrictEqual([refused.status, (refused.body as any).error], [503, "daemon websocket unavailable"])

      // 60 sockets at 100 a second: 600 ms.
      yield* TestClock.adjust("200 millis")
      const states = yield* Effect.forEach(sockets, (socket, i) =>
        Effect.raceFirst(
          Effect.as(Effect.andThen(socket.beat(ids[i]!), socket.next), "open"),
          Effect.as(socket.closed, "closed")
        ))
      const open40 = states.filter((state) => state === "open").length
      assert.isTrue(open40 > 20 && open40 < 55, `${open40} of 60 are open after a third of the time`)
      const stopped = yield* Effect.forkScoped(muster.stop, { startImmediately: true })
      assert.isUndefined(stopped.pollUnsafe(), "the server waits for those whose turn has not come")
      yield* TestClock.adjust("600 millis")
      const codes = yield* Effect.forEach(sockets, ({ closed }) => closed)
      yield* Fiber.join(stopped)
      assert.deepStrictEqual(new Set(codes), new Set([1012]))
    }))

  it.effect("a socket whose request was admitted before the drain is closed, too", () =>
    Effect.gen(function*() {
      const [asked, go] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      let hold = false
      const { ana, codex, muster } = yield* startHome({
        wraps: {
          registry: (real) => ({
            find: (id) =>
              hold
                ? Effect.andThen(Deferred.succeed(asked, undefined), Effect.andThen(Deferred.await(go), real.find(id)))
                : real.find(id)
          })
        }
      })
      hold = true
      const dial = yield* Effect.forkScoped(openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token))
      yield* Deferred.await(asked)
      yield* muster.draining.begin
      yield* Deferred.succeed(go, undefined)
      const socket = yield* Fiber.join(dial)
      assert.strictEqual(yield* socket.closed, 1012)
    }))

  it.effect("a GET that waits is answered immediately, with the current request", () =>
    Effect.gen(function*() {
      const subscribed = Promise.withResolvers<void>()
      const { codex, me, muster } = yield* startHome({
        wraps: {
          wake: (real) => ({
            subscribe: (topics) => Effect.tap(real.subscribe(topics), () => Effect.sync(() => subscribed.resolve()))
          })
        }
      })
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      const answer = yield* Effect.forkScoped(me.get(`/api/runtimes/${codex.id}/models/${id}?wait=20`))
      yield* Effect.promise(() => subscribed.promise)
      const stopped = yield* Effect.forkScoped(muster.stop)
      const { json, status } = yield* Fiber.join(answer)
      yield* Fiber.join(stopped)
      assert.deepStrictEqual([status, json.status], [200, "pending"])
    }))

  it.effect("a request in progress when the drain begins is finished", () =>
    Effect.gen(function*() {
      const entered = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      const { me, muster } = yield* startHome({
        wraps: {
          registry: (real) => ({
            list: (workspace) =>
              Effect.andThen(
                Effect.promise(() => {
                  entered.resolve()
                  return go.promise
                }),
                real.list(workspace)
              )
          })
        }
      })
      const answer = yield* Effect.forkScoped(me.get("/api/runtimes"))
      yield* Effect.promise(() => entered.promise)
      const stopped = yield* Effect.forkScoped(muster.stop, { startImmediately: true })
      go.resolve()
      assert.strictEqual((yield* Fiber.join(answer)).status, 200)
      yield* Fiber.join(stopped)
    }))

  it.effect("H-08 a request that does not end delays the writing of last-seen times by 2 s", () =>
    Effect.gen(function*() {
      const entered = Promise.withResolvers<void>()
      const { codex, daemon, me, muster } = yield* startHome({
        wraps: {
          registry: () => ({ list: () => Effect.andThen(Effect.sync(() => entered.resolve()), Effect.never) })
        }
      })
      yield* TestClock.adjust("70 seconds")
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      yield* Effect.forkScoped(Effect.exit(me.get("/api/runtimes")))
      yield* Effect.promise(() => entered.promise)
      const stopped = yield* Effect.forkScoped(muster.stop, { startImmediately: true })
      yield* refusal(muster.url)
      yield* turns
      yield* TestClock.adjust(serverStop.finish - 1)
      yield* turns
      assert.isUndefined(stopped.pollUnsafe())
      yield* TestClock.adjust(1)
      yield* Fiber.join(stopped)
      const found = yield* Effect.orDie(muster.registry.find(codex.id))
      assert.strictEqual(found._tag === "Found" && found.runtime.lastSeenAt, 70_000)
    }))

  it.effect("pending last-seen times are written", () =>
    Effect.gen(function*() {
      const { codex, daemon, muster } = yield* startHome()
      yield* TestClock.adjust("70 seconds")
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      yield* muster.stop
      const found = yield* Effect.orDie(muster.registry.find(codex.id))
      assert.strictEqual(found._tag === "Found" && found.runtime.lastSeenAt, 70_000)
    }))
})

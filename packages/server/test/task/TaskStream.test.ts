import { assert, describe, it } from "@effect/vitest"
import { Api, TaskEvent, Wake } from "@muster/domain"
import { Effect, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { TestClock } from "effect/testing"
import { createConnection } from "node:net"
import type { Options } from "../support/Muster.ts"
import { Outage } from "../support/Stores.ts"
import { followTask, type Received } from "./TaskReader.ts"
import { startTasks, textsOf } from "./TaskScene.ts"

/** A running task, and readers of it. */
const startRunning = Effect.fnUntraced(function*(options: Options = {}) {
  const scene = yield* startTasks(options)
  const { ana, home, muster } = scene
  const { id } = (yield* scene.post()).json
  const [task] = yield* scene.claim()
  yield* scene.start(task!)
  const headers = { authorization: `Bearer ${ana.token}`, "x-workspace-id": home }
  return {
    ...scene,
    id: id as string,
    task: task!,
    read: (more: Readonly<Record<string, string>> = {}, query = "") =>
      followTask(muster.url, id, { ...headers, ...more }, query),
    /** As the routes of daemons do after a change. */
    wake: muster.wake.publish(Wake.topic.task(id))
  }
})

/** An item in one word: a status, the text of an event with its id, or its type. */
const wordOf = (one: Received): string => {
  if (typeof one === "string") return one
  const { id, item } = one
  if (item.type === "event") return `${id}=${item.event.body.text}`
  return item.type === "gap" ? `gap ${item.after}-${item.first}` : `${item.type} ${item.task.status}`
}

describe("T-29 the stream of a task", () => {
  it.effect("T-29 replays the log, then follows it, and ends after the last event with the ended record", () =>
    Effect.gen(function*() {
      const { append, complete, read, task, wake } = yield* startRunning()
      yield* append(task, 1, textsOf(2))
      const reader = yield* read()
      assert.deepStrictEqual(
        ["content-type", "cache-control", "x-accel-buffering"].map((name) => reader.response.headers.get(name)),
        ["text/event-stream", "no-store", "no"]
      )
      const replayed = [yield* reader.next, yield* reader.next, yield* reader.next]
      assert.deepStrictEqual(replayed.map(wordOf), ["task running", "1=1", "2=2"])
      yield* append(task, 3, textsOf(1, 3))
      yield* wake
      assert.strictEqual(wordOf(yield* reader.next), "3=3")
      yield* append(task, 4, textsOf(1, 4))
      yield* complete(task)
      yield* wake
      const rest = yield* reader.until("end")
      assert.deepStrictEqual(rest.map(wordOf), ["4=4", "task completed", "end completed"])
      assert.strictEqual(yield* reader.next, "closed")
    }))

  it.effect("T-29 a reader that comes back with Last-Event-ID gets every event once, over pages of the store", () =>
    Effect.gen(function*() {
      const { append, complete, read, task } = yield* startRunning()
      const count = 1_700
      for (let first = 1; first <= count; first += 100) yield* append(task, first, textsOf(100, first))
      yield* complete(task)
      const seen: Array<string> = []
      const begin = yield* read()
      for (let n = 0; n < 730; n++) {
        const one = yield* begin.next
        if (typeof one !== "string" && one.id !== undefined) seen.push(one.id)
      }
      yield* begin.cut
      const again = yield* read({ "last-event-id": seen.at(-1)! }, "?after=1")
      const rest = yield* again.until("end")
      seen.push(...rest.flatMap((one) => typeof one === "string" || one.id === undefined ? [] : [one.id]))
      assert.deepStrictEqual(seen, Array.from({ length: count }, (_, n) => String(n + 1)))
      assert.strictEqual(wordOf(rest.at(-1)!), "end completed")
    }))

  it.effect("T-29 a trimmed offset gives one gap, and the reader goes on behind it", () =>
    Effect.gen(function*() {
      const { append, me, id, read, task } = yield* startRunning({
        wraps: {
          taskLog: (real) => ({
            read: (id, after, max) =>
              Effect.map(real.read(id, Math.max(after, 7), max), (slice) => ({ ...slice, first: 8 }))
          })
        }
      })
      yield* append(task, 1, textsOf(9))
      const reader = yield* read({}, "?after=3")
      const items = [yield* reader.next, yield* reader.next, yield* reader.next, yield* reader.next]
      assert.deepStrictEqual(items.map(wordOf), ["task running", "gap 3-8", "8=8", "9=9"])
      const page = (yield* me.get(`/api/tasks/${id}/events?after=3&limit=1`)).json
      assert.deepStrictEqual(
        [page.first, page.last, page.events.map(({ offset }: TaskEvent.TaskEvent) => offset)],
        [8, 9, [8]]
      )
    }))

  it.effect("T-29 100 readers of one task cost the store one read per wake, and all get every event", () =>
    Effect.gen(function*() {
      let reads = 0
      const { append, read, task, wake } = yield* startRunning({
        wraps: {
          taskLog: (real) => ({ read: (...args) => Effect.suspend(() => (reads++, real.read(...args))) })
        }
      })
      const readers = yield* Effect.forEach(Array.from({ length: 100 }), () => read(), { concurrency: 10 })
      for (const { next } of readers) assert.strictEqual(wordOf(yield* next), "task running")
      const before = reads
      const rounds = 5
      for (let round = 1; round <= rounds; round++) {
        yield* append(task, round, textsOf(1, round))
        yield* wake
        for (const { next } of readers) assert.strictEqual(wordOf(yield* next), `${round}=${round}`)
      }
      assert.isAtMost(reads - before, rounds)
      const more = yield* read()
      assert.deepStrictEqual([more.response.status], [429])
    }))

  it.effect("T-29 with every wake lost, an event arrives within 2 s; a silent task sends a comment each 15 s", () =>
    Effect.gen(function*() {
      const { append, read, task } = yield* startRunning({
        wraps: { wake: () => ({ publish: () => Effect.void }) }
      })
      const reader = yield* read()
      assert.strictEqual(wordOf(yield* reader.next), "task running")
      yield* append(task, 1, textsOf(1))
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(wordOf(yield* reader.next), "1=1")
      yield* TestClock.adjust("15 seconds")
      assert.strictEqual(yield* reader.next, "beat")
    }))

  it.effect("T-29 a reader that accepts nothing is disconnected after a minute; another one gets everything", () =>
    Effect.gen(function*() {
      const { ana, append, home, id, muster, read, task } = yield* startRunning()
      // More than the buffers of two sockets hold.
      const text = "x".repeat(TaskEvent.maxEventText)
      const per = 15
      for (let first = 1; first <= 1_500; first += per) {
        yield* append(task, first, Array.from({ length: per }, () => ({ kind: "text", text })))
      }
      const closed = Promise.withResolvers<void>()
      const socket = yield* Effect.acquireRelease(
        Effect.sync(() => createConnection(Number(new URL(muster.url).port), "127.0.0.1")),
        (socket) => Effect.sync(() => socket.destroy())
      )
      socket.on("close", () => closed.resolve()).on("error", () => {})
      const began = Promise.withResolvers<void>()
      socket.once("data", () => {
        socket.pause()
        began.resolve()
      })
      socket.write(
        `GET /api/tasks/${id}/stream HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${ana.token}\r\n` +
          `x-workspace-id: ${home}\r\n\r\n`
      )
      yield* Effect.promise(() => began.promise)
      const other = yield* read()
      for (let n = 0; n < 1_501; n++) yield* other.next
      yield* TestClock.adjust("90 seconds")
      yield* append(task, 1_501, textsOf(1))
      yield* TestClock.adjust("2 seconds")
      const last = yield* other.until("event")
      assert.strictEqual(wordOf(last.at(-1)!), "1501=1")
      socket.resume()
      yield* Effect.promise(() => closed.promise)
    }))

  it.effect("T-12 a store that is down ends no stream: events arrive when it answers again", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { append, complete, read, task, wake } = yield* startRunning({
        wraps: {
          tasks: (real) => ({ find: outage.guard("TaskQueue.find", real.find) }),
          taskLog: (real) => ({ read: outage.guard("TaskLog.read", real.read) })
        }
      })
      const reader = yield* read()
      assert.strictEqual(wordOf(yield* reader.next), "task running")
      outage.down = true
      yield* append(task, 1, textsOf(2))
      yield* wake
      yield* TestClock.adjust("15 seconds")
      assert.strictEqual(yield* reader.next, "beat")
      outage.down = false
      yield* complete(task)
      yield* TestClock.adjust("4 seconds")
      const rest = yield* reader.until("end")
      assert.deepStrictEqual(rest.map(wordOf), ["1=1", "2=2", "task completed", "end completed"])
    }))

  it.effect("the typed client reads the stream and comes back with the id of its last event", () =>
    Effect.gen(function*() {
      const { ana, append, complete, home, id, muster, task } = yield* startRunning()
      yield* append(task, 1, textsOf(3))
      yield* complete(task)
      const client = yield* HttpApiClient.make(Api.MusterApi, {
        baseUrl: muster.url,
        transformClient: HttpClient.mapRequest(HttpClientRequest.setHeaders({
          authorization: `Bearer ${ana.token}`,
          "x-workspace-id": home
        }))
      }).pipe(Effect.provide(FetchHttpClient.layer))
      const items = yield* client.tasks.stream({
        params: { taskId: id },
        query: {},
        headers: { "last-event-id": "2" }
      }).pipe(Effect.flatMap(Stream.runCollect))
      assert.deepStrictEqual(
        items.map((item) => item.type === "event" ? item.event.offset : item.type),
        ["task", 3, "end"]
      )
    }))

  it.effect("the last messages of a v0.3.1 daemon may follow the end by 3 s", () =>
    Effect.gen(function*() {
      const { claim, codex, complete, home, ana, muster, post, start } = yield* startTasks()
      const { id } = (yield* post()).json
      const [task] = yield* claim(1, codex, false)
      yield* start(task!)
      const reader = yield* followTask(muster.url, id, { authorization: `Bearer ${ana.token}`, "x-workspace-id": home })
      assert.strictEqual(wordOf(yield* reader.next), "task running")
      yield* complete(task!)
      yield* muster.wake.publish(Wake.topic.task(id))
      assert.strictEqual(wordOf(yield* reader.next), "task completed")
      yield* Effect.orDie(muster.taskLog.appendUnnumbered({ id, epoch: task!.epoch }, [
        { at: 0, body: { kind: "text", text: "late" } }
      ]))
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(wordOf(yield* reader.next), "1=late")
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(wordOf(yield* reader.next), "end completed")
    }))

  it.effect("a stream ends when the server is about to stop, and after 10 minutes", () =>
    Effect.gen(function*() {
      const { id, me, muster, read } = yield* startRunning()
      const [one, two] = [yield* read(), yield* read()]
      assert.strictEqual(wordOf(yield* one.next), "task running")
      assert.strictEqual(wordOf(yield* two.next), "task running")
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual((yield* one.until("end")).at(-1), "closed")
      const three = yield* read()
      assert.strictEqual(wordOf(yield* three.next), "task running")
      yield* muster.draining.begin
      assert.strictEqual(yield* three.next, "closed")
      const refused = yield* me.get(`/api/tasks/${id}/stream`)
      assert.deepStrictEqual([refused.status, refused.json.code], [503, "stopping"])
    }))

  it.effect("a stream ends with its reader's token and membership, at most 10 s late", () =>
    Effect.gen(function*() {
      const { ana, home, id, me, muster } = yield* startRunning()
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "member")
      const token = yield* muster.tokenOf(ana.id)
      const open = (secret: string) =>
        followTask(muster.url, id, { authorization: `Bearer ${secret}`, "x-workspace-id": home })
      const readers = [yield* open(token.secret), yield* open(bob.token)]
      for (const { next } of readers) assert.strictEqual(wordOf(yield* next), "task running")
      yield* Effect.orDie(muster.access.revokeToken(ana.id, token.id))
      assert.strictEqual((yield* me.delete(`/api/workspaces/${home}/members/${bob.id}`)).status, 204)
      yield* TestClock.adjust("10 seconds")
      for (const { until } of readers) assert.strictEqual((yield* until("end")).at(-1), "closed")
    }))

  it.effect("the stream of a task that never ran has its record and its end", () =>
    Effect.gen(function*() {
      const { ana, home, me, muster, post } = yield* startTasks()
      const { id } = (yield* post()).json
      yield* me.post(`/api/tasks/${id}/cancel`)
      const reader = yield* followTask(muster.url, id, { authorization: `Bearer ${ana.token}`, "x-workspace-id": home })
      assert.deepStrictEqual((yield* reader.until("end")).map(wordOf), ["task cancelled", "end cancelled"])
    }))

  it.effect.each([["?after=x", {}], ["?after=-1", {}], ["", { "last-event-id": "x" }]] as const)(
    "a position %s %o is 400",
    ([query, headers]) =>
      Effect.gen(function*() {
        const { id, me } = yield* startRunning()
        const answer = yield* me.get(`/api/tasks/${id}/stream${query}`, undefined, headers)
        const name = query === "" ? "Last-Event-ID" : "after"
        assert.deepStrictEqual(
          [answer.status, answer.json.error],
          [400, `${name} must be a whole number from 0 to 2147483647`]
        )
      })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Kinds, Request, type RequestStore, Runtime } from "@muster/domain"
import { unexplained } from "../../src/history/HistorySuite.ts"
import { unheard } from "../../src/history/Linearizable.ts"
import type { Losses, RequestHistory, RequestOperation } from "../../src/history/RequestOperation.ts"

const runtime = Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000001")
const input: RequestStore.NewRequest = { kind: Kinds.ModelList, runtimeId: runtime, payload: {}, by: null }
const id = Request.RequestId.make("a".repeat(32))
const pending = Request.make({ ...input, id, now: 0 })
const running = Request.claim(pending, 0)
const done: Request.Outcome = { _tag: "Completed", result: {} }
const broken: Request.Outcome = { _tag: "Failed", error: "no" }
const wanted = [{ kind: Kinds.ModelList.name, max: 1 }]

const create = (request: Request.Request, created = true): RequestOperation => ({
  op: "create",
  now: 0,
  runtime,
  input,
  answer: { _tag: "Made", request, created }
})
const claimed = (...answer: ReadonlyArray<Request.Request>): RequestOperation => ({
  op: "claim",
  now: 0,
  runtime,
  wanted,
  answer
})
const settled = (outcome: Request.Outcome): RequestOperation => ({
  op: "settle",
  now: 0,
  runtime,
  id,
  outcome,
  answer: { _tag: "Settled", request: Request.settle(running, outcome, 0) }
})
const seen = (answer: Request.Request | undefined, now = 0): RequestOperation => ({
  op: "get",
  now,
  runtime,
  id,
  answer
})
const waiting = (...answer: ReadonlyArray<string>): RequestOperation => ({ op: "waiting", now: 0, runtime, answer })

/** Sequential. */
const inOrder = (...ops: ReadonlyArray<RequestOperation>): RequestHistory =>
  ops.map((op, i) => ({ op, called: 2 * i, returned: 2 * i + 1 }))

/** Sequential, without answers for those at these places, which may be executed at any time. */
const withUnheard = (places: ReadonlyArray<number>, ...ops: ReadonlyArray<RequestOperation>): RequestHistory =>
  inOrder(...ops).map((entry, i) => places.includes(i) ? { ...entry, returned: unheard } : entry)

/** An operation whose caller got no answer. */
const mute = {
  create: { op: "create", now: 0, runtime, input },
  claim: { op: "claim", now: 0, runtime, wanted },
  settle: { op: "settle", now: 0, runtime, id, outcome: done }
} satisfies Record<string, RequestOperation>

/** The first ones sequential, the last two concurrent. */
const atOnce = (...ops: ReadonlyArray<RequestOperation>): RequestHistory =>
  inOrder(...ops).map((entry, i) => i < ops.length - 2 ? entry : { ...entry, called: 100 + i, returned: 200 + i })

const lose = (losses: Losses): RequestOperation => ({ op: "lose", losses, now: 0, runtime })

/** Sequential, with the loss at this place in progress until the next operation has returned. */
const losing = (at: number, ...ops: ReadonlyArray<RequestOperation>): RequestHistory =>
  inOrder(...ops).map((entry, i) => i === at ? { ...entry, returned: entry.returned + 2.5 } : entry)

const good: Record<string, RequestHistory> = {
  "a claim during a failover that the new primary had not received": losing(
    1,
    create(pending),
    lose("tail"),
    claimed(running),
    claimed(running)
  ),
  "a making during a failover that the new primary had not received": losing(
    0,
    lose("tail"),
    create(pending),
    seen(undefined)
  ),
  "a record that was evicted": inOrder(create(pending), lose("entries"), seen(undefined), claimed()),
  "a place in a queue that was evicted, and came back": inOrder(
    create(pending),
    lose("entries"),
    waiting(),
    claimed(),
    seen(pending),
    claimed(running)
  ),
  "one request's life": inOrder(create(pending), claimed(running), settled(done), claimed()),
  "two claims at once, one winner": atOnce(create(pending), claimed(), claimed(running)),
  "two askers at once share one": atOnce(create(pending, false), create(pending)),
  "a probe that says too much": inOrder(waiting(Kinds.ModelList.name)),
  "a making that nobody heard of and that happened": withUnheard([0], mute.create, claimed(running), seen(running)),
  "a making that nobody heard of and that did not happen": withUnheard([0], mute.create, claimed(), create(pending)),
  "a claim that nobody heard of and that happened": withUnheard([1], create(pending), mute.claim, claimed()),
  "a claim that nobody heard of and that did not": withUnheard([1], create(pending), mute.claim, claimed(running)),
  "a report that nobody heard of and that happened late": withUnheard(
    [2],
    create(pending),
    claimed(running),
    mute.settle,
    seen(running),
    seen(Request.settle(running, done, 0))
  )
}

const bad: Record<string, RequestHistory> = {
  "a claim before a failover that is forgotten": losing(
    2,
    create(pending),
    claimed(running),
    lose("tail"),
    seen(running),
    claimed(running)
  ),
  "a report after a failover that is taken back": inOrder(
    create(pending),
    claimed(running),
    lose("tail"),
    settled(done),
    seen(running)
  ),
  "a failover that loses what came before and keeps what came after": losing(
    1,
    create(pending),
    lose("tail"),
    claimed(running),
    settled(done),
    seen(pending)
  ),
  "a record that was evicted and is there again": inOrder(
    create(pending),
    lose("entries"),
    seen(undefined),
    seen(pending)
  ),
  "a claim that is forgotten by eviction": inOrder(
    create(pending),
    claimed(running),
    lose("entries"),
    claimed(running)
  ),
  "a report that is taken back by eviction": inOrder(
    create(pending),
    claimed(running),
    settled(done),
    lose("entries"),
    seen(running)
  ),
  "a request that only eviction can explain, where nothing evicts": inOrder(create(pending), seen(undefined)),
  "two claims at once, two winners": atOnce(create(pending), claimed(running), claimed(running)),
  "a claim that finds nothing although something waits": inOrder(create(pending), claimed()),
  "two reports at once, two winners": atOnce(create(pending), claimed(running), settled(done), settled(broken)),
  "a terminal record that runs again": inOrder(create(pending), claimed(running), settled(done), seen(running)),
  "a probe that says too little": inOrder(create(pending), waiting()),
  "a look that misses what was made before": inOrder(create(pending), seen(undefined)),
  "a claim of what timed out": inOrder(create(pending), { ...claimed(Request.claim(pending, 40_000)), now: 40_000 }),
  "a record that outlives its limit": inOrder(create(pending), seen(pending, 40_000)),
  "a claim that nobody heard of and that is handed out again": withUnheard(
    [1],
    create(pending),
    mute.claim,
    seen(running),
    claimed(running)
  ),
  "one making that nobody heard of, and two requests": withUnheard(
    [0],
    mute.create,
    claimed(running),
    settled(broken),
    claimed({ ...running, id: Request.RequestId.make("b".repeat(32)) })
  ),
  "a request that nobody ever asked for": inOrder(claimed(running)),
  "a report that nobody heard of and that is taken back": withUnheard(
    [2],
    create(pending),
    claimed(running),
    mute.settle,
    seen(Request.settle(running, done, 0)),
    seen(running)
  ),
  "a second request of a kind that coalesces": inOrder(
    create(pending),
    create(Request.make({ ...input, id: Request.RequestId.make("b".repeat(32)), now: 0 }))
  )
}

describe("histories of requests", () => {
  it.each(Object.entries(good))("accepts %s", (_, history) => assert.isUndefined(unexplained(history)))
  it.each(Object.entries(bad))("rejects %s", (_, history) => assert.isDefined(unexplained(history)))
})

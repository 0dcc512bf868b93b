import { assert, describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Request } from "@muster/domain"
import { anyHistory, anyRequest, broken, createdAt, done, type Event, Moment } from "./AnyRequest.ts"

const runs = { arbitrary: { runs: 1_000 } }

/** Every version of a record through a history, each with the time of its write; impossible events are left out. */
const live = (request: Request.Request, history: ReadonlyArray<typeof Event.Type>) => {
  const versions = [{ at: createdAt, request }]
  let now = createdAt
  for (const { after, what } of history) {
    now += after
    const before = versions.at(-1)!.request
    const next = what === "look"
      ? Request.elapse(before, now)
      : what !== "claim"
      ? Request.settle(before, what === "complete" ? done : broken, now)
      : Request.isClaimable(before, now)
      ? Request.claim(before, now)
      : Request.elapse(before, now)
    versions.push({ at: now, request: next })
  }
  return versions
}

const startOf = ({ state }: Request.Request) => state._tag === "Running" ? state.startedAt : undefined

describe("Request", () => {
  it.prop(
    "R-07 the pending limit is passed when strictly more time has elapsed, and the record has the time of the limit",
    [
      anyRequest
    ],
    ([request]) => {
      const deadline = createdAt + request.terms.pending
      strictEqual(Request.deadlineOf(request), deadline)
      deepStrictEqual(Request.elapse(request, deadline), request)
      deepStrictEqual(Request.elapse(request, deadline + 1), {
        ...request,
        state: { _tag: "TimedOut", error: "not picked up", startedAt: null },
        updatedAt: deadline
      })
    }
  )

  it.prop(
    "R-08 the running limit counts from the first claim",
    { request: anyRequest, at: Moment },
    ({ at, request }) => {
      const running = Request.claim(request, createdAt + at)
      const deadline = createdAt + at + request.terms.running
      deepStrictEqual(Request.elapse(running, deadline), running)
      deepStrictEqual(Request.elapse(running, deadline + 1), {
        ...request,
        state: { _tag: "TimedOut", error: "not finished", startedAt: createdAt + at },
        updatedAt: deadline
      })
    }
  )

  it.prop("the number and times of reads do not change the result", {
    request: anyRequest,
    history: anyHistory,
    looks: anyHistory
  }, ({ history, looks, request }) => {
    const last = live(request, history).at(-1)!
    const far = last.at + 10_000
    const looked = looks.reduce(
      ({ at, request }, { after }) => ({ at: at + after, request: Request.elapse(request, at + after) }),
      last
    )
    deepStrictEqual(Request.elapse(looked.request, far), Request.elapse(last.request, far))
    strictEqual(Request.expiryOf(looked.request), Request.expiryOf(last.request))
  }, runs)

  it.prop("R-10 a terminal state is final: nothing changes it, and no claim takes it", {
    request: anyRequest,
    history: anyHistory
  }, (
    { history, request }
  ) => {
    const versions = live(request, history)
    const end = versions.findIndex((version) => Request.isTerminal(version.request))
    if (end === -1) return
    const final = versions[end]!
    for (const { at, request } of versions.slice(end)) {
      strictEqual(request, final.request)
      assertFalse(Request.isClaimable(request, at))
      strictEqual(Request.settle(request, done, at), request)
    }
  }, runs)

  it.prop("R-10 a report at the limit is in time, and a later one changes nothing", [anyRequest], ([request]) => {
    const deadline = createdAt + request.terms.pending
    deepStrictEqual(Request.settle(request, broken, deadline), { ...request, state: broken, updatedAt: deadline })
    strictEqual(Request.statusOf(Request.settle(request, broken, deadline + 1)), "timeout")
  })

  it.prop("R-08 R-17 the start never moves, and deliveries count up to the maximum, each after its delay", {
    request: anyRequest,
    history: anyHistory
  }, ({ history, request }) => {
    const running = live(request, history).filter((version) => version.request.state._tag === "Running")
    strictEqual(new Set(running.map((version) => startOf(version.request))).size, Math.min(running.length, 1))
    for (const [i, { request: { state } }] of running.entries()) {
      assert(state._tag === "Running")
      assertTrue(state.deliveries >= 1 && state.deliveries <= request.terms.deliveries)
      const before = running[i - 1]?.request.state
      if (before?._tag !== "Running" || before.deliveries === state.deliveries) continue
      strictEqual(state.deliveries, before.deliveries + 1)
      assertTrue(state.deliveredAt - before.deliveredAt > request.terms.redeliverAfter)
    }
  }, runs)

  it.prop("R-17 a delivery is not repeated exactly at its delay, and is repeated 1 ms later, within the limit", [
    anyRequest
  ], (
    [request]
  ) => {
    const running = Request.claim(request, createdAt)
    const due = createdAt + request.terms.redeliverAfter
    assertFalse(Request.isClaimable(running, due))
    strictEqual(
      Request.isClaimable(running, due + 1),
      request.terms.deliveries > 1 && request.terms.redeliverAfter < request.terms.running
    )
  })

  it.prop("R-15 a record is kept through its retention after its last change, and not 1 ms longer", {
    request: anyRequest,
    history: anyHistory
  }, ({ history, request }) => {
    const last = live(request, history).at(-1)!.request
    const ended = Request.elapse(last, Number.MAX_SAFE_INTEGER)
    assertTrue(Request.isTerminal(ended))
    strictEqual(Request.expiryOf(last), ended.updatedAt + request.terms.retention)
    assertFalse(Request.isExpired(last, Request.expiryOf(last)))
    assertTrue(Request.isExpired(last, Request.expiryOf(last) + 1))
  }, runs)

  it.prop("no step changes the request's id, runtime, kind, payload, terms, asker or creation", {
    request: anyRequest,
    history: anyHistory
  }, ({ history, request }) => {
    const versions = live(request, history)
    for (const [i, version] of versions.entries()) {
      const { state: _, updatedAt, ...own } = version.request
      deepStrictEqual({ ...own, state: request.state, updatedAt: createdAt }, request)
      assertTrue(updatedAt <= version.at && updatedAt >= (versions[i - 1]?.request.updatedAt ?? createdAt))
    }
  }, runs)
})

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { request } from "../support/Http.ts"
import { startHome } from "../support/Scene.ts"
import { dead } from "../support/Stores.ts"

const unknown = "0".repeat(40)

/** `docs/protocol.md` 2.2, row by row. */
const daemonRows = [
  ["no header", undefined, "missing authorization header"],
  ["another scheme", "Basic YTpi", "invalid authorization format"],
  ["`bearer` in lower case", `bearer mul_${unknown}`, "invalid authorization format"],
  ["`Bearer` without a space", "Bearer", "invalid authorization format"],
  ["an unknown daemon token", `Bearer mdt_${unknown}`, "invalid daemon token"],
  ["an unknown personal token", `Bearer mul_${unknown}`, "invalid token"],
  ["something else", "Bearer abc", "invalid token"],
  ["an over-long token", `Bearer mul_${"a".repeat(5_000)}`, "invalid token"]
] as const

/** `docs/protocol.md` 2.3, row by row: a header of another form counts as none. */
const userRows = [
  ["no header", undefined, "missing authorization"],
  ["another scheme", "Basic YTpi", "missing authorization"],
  ["`bearer` in lower case", `bearer mul_${unknown}`, "missing authorization"],
  ["an unknown personal token", `Bearer mul_${unknown}`, "invalid token"],
  ["an unknown daemon token", `Bearer mdt_${unknown}`, "invalid token"],
  ["something else", "Bearer abc", "invalid token"]
] as const

const headersOf = (authorization: string | undefined) =>
  authorization === undefined ? {} : { headers: { authorization } }

describe("refusals before any lookup", () => {
  it.effect.each(daemonRows)("2.2 a daemon route with %s", ([, authorization, error]) =>
    Effect.gen(function*() {
      const { codex, muster } = yield* startHome()
      for (const path of ["heartbeat", "register", `runtimes/${codex.id}/tasks/claim`]) {
        const answer = yield* request(muster.url, "POST", `/api/daemon/${path}`, {
          ...headersOf(authorization),
          body: {}
        })
        assert.deepStrictEqual([path, answer.status, answer.json.error], [path, 401, error])
      }
    }))

  it.effect.each(userRows)("2.3 a user route with %s", ([, authorization, error]) =>
    Effect.gen(function*() {
      const { muster } = yield* startHome()
      for (const path of ["/api/me", "/api/tokens", "/api/workspaces", "/api/runtimes"]) {
        const answer = yield* request(muster.url, "GET", path, headersOf(authorization))
        assert.deepStrictEqual([path, answer.status, answer.json.error], [path, 401, error])
      }
    }))

  it.effect("2.3 a valid daemon token is not a person", () =>
    Effect.gen(function*() {
      const { home, muster } = yield* startHome()
      const token = yield* muster.daemonToken(home, "daemon-1")
      const answer = yield* muster.as(token).get("/api/workspaces")
      assert.deepStrictEqual([answer.status, answer.json.error], [401, "invalid token"])
    }))

  it.effect("2.2 an expired daemon token: 401 `invalid daemon token`", () =>
    Effect.gen(function*() {
      const { codex, home, muster } = yield* startHome()
      const token = yield* muster.daemonToken(home, "daemon-1", 0)
      const answer = yield* muster.as(token).post("/api/daemon/heartbeat", { runtime_id: codex.id })
      assert.deepStrictEqual([answer.status, answer.json.error], [401, "invalid daemon token"])
    }))

  it.effect("an unavailable store is 500, never 401: a daemon must not discard its token", () =>
    Effect.gen(function*() {
      const { codex, daemon, me } = yield* startHome({
        wraps: { access: () => ({ authenticate: () => dead("authenticate") }) }
      })
      const fault = { error: "failed to verify token", code: "unavailable" }
      const beat = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      const list = yield* me.get("/api/runtimes")
      assert.deepStrictEqual([beat.status, beat.json], [500, fault])
      assert.deepStrictEqual([list.status, list.json], [500, fault])
    }))
})

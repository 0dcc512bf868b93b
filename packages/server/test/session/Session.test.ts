import { assert, describe, it } from "@effect/vitest"
import { Token } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { csrfToken } from "../../src/access/Csrf.ts"
import { request } from "../support/Http.ts"
import { startHome } from "../support/Scene.ts"

const minute = 60_000

/** The cookies that a response sets, by name: value and attributes. */
const cookiesOf = (headers: Headers) =>
  Object.fromEntries(
    headers.getSetCookie().map((line) => {
      const [pair = "", ...attributes] = line.split("; ")
      const at = pair.indexOf("=")
      return [pair.slice(0, at), { value: pair.slice(at + 1), attributes }] as const
    })
  )

const signIn = (url: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
  request(url, "POST", "/api/session", { body, headers })

/** A browser that has just signed in. */
const browser = Effect.fnUntraced(function*(url: string, body: object) {
  const answer = yield* signIn(url, body)
  const cookies = cookiesOf(answer.headers)
  const cookie = Object.entries(cookies).map(([name, { value }]) => `${name}=${value}`).join("; ")
  const csrf = cookies["muster_csrf"]?.value ?? ""
  return { answer, cookies, cookie, csrf, session: cookies["muster_session"]?.value ?? "" }
})

describe("sessions of the console (docs/protocol.md 2.3)", () => {
  it.effect("a token becomes a cookie that no script can read, and a companion that scripts read", () =>
    Effect.gen(function*() {
      const { ana, home, muster } = yield* startHome()
      const { answer, cookie, cookies, csrf, session } = yield* browser(muster.url, { token: ana.token })
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.json.user.id, ana.id)
      assert.notInclude(answer.text, session)
      assert.includeMembers(cookies["muster_session"]!.attributes, ["Path=/", "HttpOnly", "SameSite=Strict"])
      assert.includeMembers(cookies["muster_csrf"]!.attributes, ["Path=/", "SameSite=Strict"])
      assert.notInclude(cookies["muster_csrf"]!.attributes, "HttpOnly")
      assert.notInclude(cookies["muster_session"]!.attributes, "Secure")
      assert.match(csrf, /^[0-9a-f]{32}\.[0-9a-f]{64}$/)

      const headers = { cookie, "x-workspace-id": home }
      assert.strictEqual((yield* request(muster.url, "GET", "/api/runtimes", { headers })).status, 200)
      const made = yield* request(muster.url, "POST", "/api/tokens", {
        headers: { ...headers, "x-csrf-token": csrf },
        body: { name: "made" }
      })
      assert.strictEqual(made.status, 201)
      const proxied = yield* signIn(muster.url, { token: ana.token }, { "x-forwarded-proto": "https" })
      assert.include(cookiesOf(proxied.headers)["muster_session"]!.attributes, "Secure")
    }))

  it.effect("F-27 a person's 101st session ends the oldest one, and no other", () =>
    Effect.gen(function*() {
      const { ana, home, muster } = yield* startHome()
      const open = Effect.map(browser(muster.url, { token: ana.token }), ({ cookie }) => cookie)
      const cookies = yield* Effect.forEach(Array.from({ length: 101 }), () => open)
      const status = (cookie: string | undefined) =>
        Effect.map(
          request(muster.url, "GET", "/api/runtimes", { headers: { cookie: cookie ?? "", "x-workspace-id": home } }),
          (answer) => answer.status
        )
      assert.deepStrictEqual(
        [yield* status(cookies[0]), yield* status(cookies[1]), yield* status(cookies[100])],
        [401, 200, 200]
      )
    }))

  it.effect("a change needs the companion of the same session", () =>
    Effect.gen(function*() {
      const { ana, muster } = yield* startHome()
      const { cookie, csrf } = yield* browser(muster.url, { token: ana.token })
      const other = yield* csrfToken(`mul_${"1".repeat(40)}`)
      for (const text of [undefined, "", other, `${csrf.slice(0, -1)}g`, csrf.toUpperCase(), csrf.slice(0, 33)]) {
        const answer = yield* request(muster.url, "POST", "/api/tokens", {
          headers: { cookie, ...(text === undefined ? {} : { "x-csrf-token": text }) },
          body: { name: "made" }
        })
        assert.deepStrictEqual([text, answer.status, answer.json.error], [text, 403, "CSRF validation failed"])
      }
    }))

  it.effect("signing out ends the session itself, and its cookies", () =>
    Effect.gen(function*() {
      const { ana, muster } = yield* startHome()
      const { cookie, csrf, session } = yield* browser(muster.url, { token: ana.token })
      const gone = yield* request(muster.url, "DELETE", "/api/session", { headers: { cookie, "x-csrf-token": csrf } })
      assert.strictEqual(gone.status, 204)
      const left = cookiesOf(gone.headers)
      assert.deepStrictEqual([left["muster_session"]?.value, left["muster_csrf"]?.value], ["", ""])
      assert.include(left["muster_session"]!.attributes, "Max-Age=0")
      assert.strictEqual((yield* request(muster.url, "GET", "/api/me", { headers: { cookie } })).status, 401)
      assert.strictEqual((yield* muster.as(session).get("/api/me")).status, 401)
      assert.strictEqual((yield* muster.as(ana.token).get("/api/me")).status, 200)
    }))

  it.effect("a session ends no later than the token that it was opened with", () =>
    Effect.gen(function*() {
      const { ana, muster } = yield* startHome()
      const { secret } = yield* muster.tokenOf(ana.id, minute)
      const { cookie } = yield* browser(muster.url, { token: secret })
      yield* TestClock.adjust(minute)
      assert.strictEqual((yield* request(muster.url, "GET", "/api/me", { headers: { cookie } })).status, 401)
    }))

  it.effect("ended sessions are removed from the person's list when the next one is opened; others remain", () =>
    Effect.gen(function*() {
      const { ana, me, muster } = yield* startHome()
      const { secret } = yield* muster.tokenOf(ana.id, minute)
      yield* browser(muster.url, { token: secret })
      yield* TestClock.adjust(2 * minute)
      yield* browser(muster.url, { token: ana.token })
      yield* browser(muster.url, { token: ana.token })
      const names = ((yield* me.get("/api/tokens")).json as ReadonlyArray<{ readonly name: string }>)
        .map(({ name }) => name)
      assert.deepStrictEqual(names.toSorted(), ["console session", "console session", "test", "test"])
    }))

  it.effect("a link signs in once, within 10 minutes, and is not a token; only the newest works", () =>
    Effect.gen(function*() {
      const { ana, me, muster } = yield* startHome()
      const link = Effect.map(me.post("/api/session/links", {}), ({ json }) => json.code as string)
      const replaced = yield* link
      const code = yield* link
      assert.strictEqual((yield* muster.as(code).get("/api/me")).status, 401)
      const answers = yield* Effect.all([replaced, code, code, code].map((code) => signIn(muster.url, { code })), {
        concurrency: "unbounded"
      })
      const statuses = answers.map(({ status }) => status)
      assert.strictEqual(statuses[0], 401)
      assert.deepStrictEqual(statuses.slice(1).toSorted((a, b) => a - b), [200, 401, 401])
      assert.strictEqual(answers[0]!.json.error, "this link was used or is too old")
      const late = yield* link
      yield* TestClock.adjust(10 * minute)
      assert.strictEqual((yield* signIn(muster.url, { code: late })).status, 401)
      assert.strictEqual((yield* signIn(muster.url, { code: ana.token })).status, 401)
    }))

  it.effect("another site's page, a daemon token, or no credential does not sign in", () =>
    Effect.gen(function*() {
      const { ana, home, muster } = yield* startHome()
      const foreign = yield* signIn(muster.url, { token: ana.token }, { origin: "http://elsewhere.example" })
      assert.deepStrictEqual([foreign.status, foreign.headers.getSetCookie()], [403, []])
      const proxied = { origin: "https://muster.example", "x-forwarded-host": "muster.example" }
      for (const headers of [{ origin: muster.url }, proxied, { ...proxied, "sec-fetch-site": "same-origin" }]) {
        assert.strictEqual((yield* signIn(muster.url, { token: ana.token }, headers)).status, 200)
      }
      const told = { origin: muster.url, "sec-fetch-site": "cross-site" }
      assert.strictEqual((yield* signIn(muster.url, { token: ana.token }, told)).status, 403)
      const daemon = yield* signIn(muster.url, { token: yield* muster.daemonToken(home, "daemon-1") })
      assert.deepStrictEqual([daemon.status, daemon.json.error], [401, "invalid token"])
      const unknown = yield* Token.generate("user")
      assert.strictEqual((yield* signIn(muster.url, { token: unknown })).status, 401)
      for (const body of [{}, { token: "" }, { token: ana.token, code: "x" }]) {
        const answer = yield* signIn(muster.url, body)
        assert.deepStrictEqual([answer.status, answer.json.error], [400, "token or code is required"])
      }
    }))
})

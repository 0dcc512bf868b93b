import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { get } from "node:http"
import { scriptsApart } from "../../src/docs/scriptsApart.ts"
import { request } from "../support/Http.ts"
import { rawRequest } from "../support/Raw.ts"
import { startHome } from "../support/Scene.ts"

const hostLine = (host: string) =>
  `GET /healthz HTTP/1.1\r\n${host === "" ? "" : `Host: ${host}\r\n`}Connection: close\r\n\r\n`

/** What a server sends for an address, as it is on the wire: nothing is decompressed. */
const bytesSent = (url: string, headers: Record<string, string>) =>
  Effect.callback<
    { readonly size: number; readonly status: number; readonly encoding: string | undefined; readonly etag: string }
  >(
    (resume) => {
      get(url, { headers }, (response) => {
        let size = 0
        response.on("data", (chunk: Buffer) => size += chunk.length)
        response.on("end", () =>
          resume(Effect.succeed({
            size,
            status: response.statusCode ?? 0,
            encoding: response.headers["content-encoding"],
            etag: response.headers.etag ?? ""
          })))
      })
    }
  )

describe("headers that protect a browser", () => {
  it.effect("F-31 every response has a policy without scripts, nosniff and no-store", () =>
    Effect.gen(function*() {
      const { codex, daemon, me, muster } = yield* startHome()
      const answers = {
        beat: yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id }),
        "refused beat": yield* daemon.post("/api/daemon/heartbeat", { runtime_id: "junk" }),
        "a new token": yield* me.post("/api/tokens", { name: "ci" }),
        runtimes: yield* me.get("/api/runtimes"),
        nobody: yield* muster.nobody.get("/api/me"),
        "no route": yield* muster.nobody.get("/api/none"),
        "no daemon call": yield* daemon.get("/api/daemon/none"),
        "wrong method": yield* daemon.post("/api/me"),
        health: yield* muster.nobody.get("/healthz"),
        metrics: yield* muster.nobody.get("/metrics"),
        description: yield* muster.nobody.get("/openapi.json")
      }
      for (const [name, { headers }] of Object.entries(answers)) {
        assert.include(headers.get("content-security-policy") ?? "", "default-src 'none'", name)
        assert.strictEqual(headers.get("x-content-type-options"), "nosniff", name)
        assert.strictEqual(headers.get("referrer-policy"), "no-referrer", name)
        assert.strictEqual(headers.get("cache-control"), "no-store", name)
      }
    }))

  it.effect("F-31 the API page has no inline script, loads only its own, and may call only this server", () =>
    Effect.gen(function*() {
      const { muster } = yield* startHome()
      const page = yield* muster.nobody.get("/docs")
      const policy = page.headers.get("content-security-policy") ?? ""
      assert.include(policy, "script-src 'self';")
      assert.include(policy, "connect-src 'self';")
      assert.notMatch(policy, /unsafe-eval|https?:|\*/)
      assert.deepStrictEqual(scriptsApart(page.text, () => "").scripts, [])
      const sources = [...page.text.matchAll(/<script src="([^"]+)">/g)].map(([, source]) => source!)
      assert.deepStrictEqual(sources, ["/docs/0.js", "/docs/1.js"])
      for (const source of sources) {
        const script = yield* muster.nobody.get(source)
        assert.strictEqual(script.status, 200)
        assert.match(script.headers.get("content-type") ?? "", /^text\/javascript/)
      }
      assert.include((yield* muster.nobody.get("/docs/1.js")).text, "createApiReference")
      assert.strictEqual((yield* muster.nobody.get("/docs/2.js")).status, 404)
      assert.strictEqual((yield* muster.nobody.get("/docs/constructor")).status, 404)
    }))

  it.effect("the API page's scripts are compressed to less than 1 MB, and are sent once", () =>
    Effect.gen(function*() {
      const { muster } = yield* startHome()
      const sent = (name: string, headers: Record<string, string>) => bytesSent(`${muster.url}${name}`, headers)
      const brotli = yield* Effect.forEach(["/docs/0.js", "/docs/1.js"], (name) =>
        sent(name, { "accept-encoding": "gzip, deflate, br" }))
      assert.deepStrictEqual(
        brotli.map(({ encoding }) =>
          encoding
        ),
        ["br", "br"]
      )
      assert.isBelow(brotli.reduce((sum, { size }) => sum + size, 0), 1_000_000)
      const other = yield* sent("/docs/0.js", { "accept-encoding": "gzip, br;q=0" })
      assert.strictEqual(other.encoding, "gzip")
      assert.isBelow(other.size, 1_000_000)
      const plain = yield* sent("/docs/0.js", {})
      assert.deepStrictEqual([plain.encoding, plain.size > 3_000_000], [undefined, true])
      const again = yield* sent("/docs/0.js", { "if-none-match": plain.etag })
      assert.deepStrictEqual([again.status, again.size], [304, 0])
    }))

  it.effect("F-31 a server on loopback answers to this machine's names only", () =>
    Effect.gen(function*() {
      const { muster } = yield* startHome({ loopbackOnly: true })
      const port = new URL(muster.url).port
      for (const host of ["localhost", `localhost:${port}`, "127.0.0.1:1", "[::1]:8080", "LOCALHOST"]) {
        assert.deepStrictEqual([host, (yield* rawRequest(muster.url, hostLine(host))).status], [host, 200])
      }
      for (const host of ["evil.example", `127.0.0.1.evil.example:${port}`, "localhost.evil.example", "[::2]"]) {
        const { json, status } = yield* rawRequest(muster.url, hostLine(host))
        assert.deepStrictEqual([host, status, json.code], [host, 421, "host_not_allowed"])
        assert.include(json.error, "MUSTER_ALLOWED_HOSTS")
      }
      const open = yield* startHome()
      assert.strictEqual((yield* rawRequest(open.muster.url, hostLine("muster.example"))).status, 200)
    }))

  it.effect("F-31 a change by cookie from another site's page is refused, with any other headers", () =>
    Effect.gen(function*() {
      const { ana, codex, home, muster } = yield* startHome()
      const signedIn = yield* request(muster.url, "POST", "/api/session", { body: { token: ana.token } })
      const cookies = signedIn.headers.getSetCookie().map((cookie) => cookie.split(";")[0]!)
      const csrf = decodeURIComponent(cookies.find((one) => one.startsWith("muster_csrf="))!.split("=")[1]!)
      const change = (headers: Readonly<Record<string, string>>) =>
        request(muster.url, "PATCH", `/api/runtimes/${codex.id}`, {
          body: { name: "mine" },
          headers: { cookie: cookies.join("; "), "x-csrf-token": csrf, "x-workspace-id": home, ...headers }
        })
      assert.strictEqual((yield* change({ origin: "https://evil.example" })).status, 403)
      assert.strictEqual((yield* change({ "sec-fetch-site": "cross-site" })).status, 403)
      assert.strictEqual((yield* change({ origin: muster.url })).status, 200)
      assert.strictEqual((yield* change({})).status, 200)
    }))
})

describe("an idle connection", () => {
  it.effect("F-06 outlasts the idle time of clients, so that no request meets a close: Go 90 s, load balancers 60 s", () =>
    Effect.gen(function*() {
      const { muster } = yield* startHome()
      const kept = (yield* muster.nobody.get("/healthz")).headers.get("keep-alive")
      assert.isAbove(Number(/^timeout=(\d+)$/.exec(kept ?? "")?.[1]), 90)
    }))
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { Dial, layerDial } from "../../src/beat/Dial.ts"
import { Conditions } from "../../src/condition/Conditions.ts"
import { Identity } from "../../src/identity/Identity.ts"
import { type Environment, HostEnvironment } from "../../src/process/HostEnvironment.ts"
import { layerHttpServerApi } from "../../src/server/HttpServerApi.ts"
import { proxyAuthorization, proxyFor } from "../../src/server/Proxy.ts"
import { ServerApi } from "../../src/server/ServerApi.ts"
import { workspaceId } from "../support/FakeServer.ts"
import { identity } from "../support/Identity.ts"
import { littleProxy } from "../support/LittleProxy.ts"
import { WireServer } from "../support/WireServer.ts"

const P = "http://proxy:3128"
const HTTPS = { HTTPS_PROXY: P }

const rules: ReadonlyArray<readonly [server: string, environment: Environment, proxy: string | undefined]> = [
  ["https://muster.example", {}, undefined],
  ["https://muster.example", { HTTPS_PROXY: "" }, undefined],
  ["https://muster.example", HTTPS, P],
  ["https://muster.example", { https_proxy: P, HTTPS_PROXY: "http://other" }, P],
  ["https://muster.example", { HTTPS_PROXY: "proxy:3128" }, P],
  ["https://muster.example", { HTTP_PROXY: P }, undefined],
  ["http://muster.example", { HTTP_PROXY: P }, P],
  ["http://muster.example", { http_proxy: P }, P],
  ["http://muster.example", HTTPS, undefined],
  ["https://muster.example", { ...HTTPS, NO_PROXY: "*" }, undefined],
  ["https://muster.example", { ...HTTPS, NO_PROXY: "other, MUSTER.example" }, undefined],
  ["https://muster.example", { ...HTTPS, no_proxy: "example" }, undefined],
  ["https://muster.example", { ...HTTPS, no_proxy: ".example" }, undefined],
  ["https://muster.example", { ...HTTPS, no_proxy: "*.example" }, undefined],
  ["https://muster.example", { ...HTTPS, no_proxy: "ample,muster" }, P],
  ["https://muster.example", { ...HTTPS, no_proxy: "muster.example:443" }, undefined],
  ["https://muster.example:8443", { ...HTTPS, no_proxy: "muster.example:443" }, P],
  ["https://10.0.0.7", { ...HTTPS, no_proxy: "10.0.0.7" }, undefined],
  ["https://[2001:db8::1]", { ...HTTPS, no_proxy: "2001:db8::1" }, undefined],
  ["https://[2001:db8::1]", { ...HTTPS, no_proxy: "[2001:db8::1]:443" }, undefined],
  ["https://[2001:db8::2]", { ...HTTPS, no_proxy: "2001:db8::1" }, P],
  ["http://localhost:8080", { HTTP_PROXY: P }, undefined],
  ["http://127.0.0.1:8080", { HTTP_PROXY: P }, undefined],
  ["http://127.1.2.3:8080", { HTTP_PROXY: P }, undefined],
  ["http://[::1]:8080", { HTTP_PROXY: P }, undefined],
  ["http://localhost:8080", { MUSTER_PROXY: P }, P],
  ["https://muster.example", { MUSTER_PROXY: P, HTTPS_PROXY: "http://other", NO_PROXY: "*" }, P]
]

/** The way to a server with this environment. */
const layerWay = (serverUrl: string, environment: Environment) => {
  const options = { serverUrl, token: Redacted.make("mul_secret") }
  return Layer.mergeAll(layerHttpServerApi(options), layerDial(options)).pipe(
    Layer.provide([Layer.succeed(Identity, identity), Layer.succeed(HostEnvironment, environment), Conditions.layer])
  )
}

describe("the proxy", () => {
  it.effect.each(rules)("for %s with %o is %s", ([server, environment, proxy]) =>
    Effect.gen(function*() {
      const found = yield* proxyFor(server, environment)
      assert.strictEqual(found?.href.replace(/\/$/, ""), proxy)
    }))

  it.effect("one that cannot be used is refused in one sentence", () =>
    Effect.gen(function*() {
      for (const [text, said] of [["socks5://proxy", "socks5://proxy"], ["http://", "http://"]] as const) {
        const { message } = yield* Effect.flip(proxyFor("https://muster.example", { HTTPS_PROXY: text }))
        assert.strictEqual(
          message,
          `the proxy's address "${said}" cannot be used: it must begin with http:// or https://`
        )
      }
    }))

  it("credentials in its address are sent to it alone", () => {
    assert.deepStrictEqual(proxyAuthorization(new URL("http://proxy")), {})
    assert.deepStrictEqual(proxyAuthorization(new URL("http://ann:p%40ss@proxy")), {
      "proxy-authorization": `Basic ${Buffer.from("ann:p@ss").toString("base64")}`
    })
  })

  it.effect("carries calls and the socket: the socket by CONNECT, and the server never sees the credentials", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make
      const proxy = yield* littleProxy
      const address = `muster.test:${server.port}`
      const layer = layerWay(`http://${address}`, { HTTP_PROXY: `http://ann:secret@${proxy.address}` })
      yield* Effect.gen(function*() {
        const api = yield* ServerApi
        const [row] = yield* api.register(workspaceId(1), [{ provider: "codex", version: "1" }])
        const connection = yield* (yield* Dial).dial([row!.id])
        yield* connection.send("{}")
        const opened = yield* server.next("open")
        assert.deepStrictEqual(opened.ids, [row!.id])
        assert.deepStrictEqual(proxy.asked, [`POST http://${address}/api/daemon/register`, `CONNECT ${address}`])
        assert.deepStrictEqual(
          [...proxy.signedBy],
          [`Basic ${Buffer.from("ann:secret").toString("base64")}`]
        )
        assert.isUndefined(opened.headers["proxy-authorization"])
        assert.strictEqual(opened.headers["authorization"], "Bearer mul_secret")

        proxy.answer.connect = 403
        const refused = yield* Effect.flip((yield* Dial).dial([row!.id]))
        assert.include(refused.reason, "refused the tunnel with 403")
        assert.isNull(refused.status, "it is not the server that refused")
      }).pipe(Effect.provide(layer), Effect.scoped)
      yield* server.next("close")
    }))

  it.effect("is not asked for a server of this machine", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make
      const layer = layerWay(server.url, { HTTP_PROXY: "http://127.0.0.1:1", http_proxy: "http://127.0.0.1:1" })
      yield* Effect.gen(function*() {
        const [row] = yield* (yield* ServerApi).register(workspaceId(1), [{ provider: "codex", version: "1" }])
        yield* (yield* Dial).dial([row!.id])
        yield* server.next("open")
      }).pipe(Effect.provide(layer))
    }))

  it.effect("one that is not there is named", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(Effect.flatMap(Dial, ({ dial }) => dial([])))).pipe(
        Effect.provide(layerWay("http://muster.test", { HTTP_PROXY: "http://127.0.0.1:1" }))
      )
      assert.include(error.reason, "the proxy 127.0.0.1:1 cannot be reached: ECONNREFUSED")
    }))
})

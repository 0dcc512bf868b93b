import { assert, describe, it } from "@effect/vitest"
import { Conditions } from "@muster/kit"
import { Effect, Layer, Redacted, Schema } from "effect"
import { Dial, layerDial } from "../../src/beat/Dial.ts"
import { layerHttpServerApi } from "../../src/client/HttpServerApi.ts"
import { isExempt, notUnderstood } from "../../src/client/NoProxy.ts"
import { proxyAuthorization, proxyFor } from "../../src/client/Proxy.ts"
import { ServerApi } from "../../src/client/ServerApi.ts"
import { Identity } from "../../src/identity/Identity.ts"
import { type Environment, HostEnvironment } from "../../src/process/HostEnvironment.ts"
import { workspaceId } from "../support/FakeServer.ts"
import { identity } from "../support/Identity.ts"
import { littleProxy } from "../support/LittleProxy.ts"
import { logLines } from "../support/logLines.ts"
import { WireServer } from "../support/WireServer.ts"

const P = "http://proxy:3128"
const HTTPS = { HTTPS_PROXY: P }

type Row = readonly [server: string, environment: Environment, proxy: string | undefined]

const exempt = (server: string, entries: ReadonlyArray<string>): ReadonlyArray<Row> =>
  entries.map((entry) => [server, { ...HTTPS, NO_PROXY: entry }, undefined])
const proxied = (server: string, entries: ReadonlyArray<string>): ReadonlyArray<Row> =>
  entries.map((entry) => [server, { ...HTTPS, NO_PROXY: entry }, P])

const rules: ReadonlyArray<Row> = [
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
  ["http://127.example.com", { HTTP_PROXY: P }, P],
  ["http://[::ffff:127.0.0.1]:8080", { HTTP_PROXY: P }, undefined],
  ...exempt("https://muster.example", [
    "*",
    "muster.example.",
    "*:443",
    ".EXAMPLE",
    "a,,  muster.example",
    "MUSTER.example:443"
  ]),
  ...exempt("https://m\u00fcster.example", ["m\u00fcster.example", "xn--mster-kva.example"]),
  ...exempt("https://10.0.0.7", ["10.0.0.0/8", "10.0.0.7/32", "0.0.0.0/0", "10.0.0.7:443", "a.example,10.0.0.4/30"]),
  ...exempt("https://[2001:db8::7]", [
    "2001:db8::/32",
    "[2001:db8::]/32",
    "2001:DB8:0:0::7",
    "[2001:db8:0::7]:443",
    "::/0"
  ]),
  ...exempt("https://[::ffff:10.0.0.7]", ["10.0.0.0/8", "10.0.0.7"]),
  ...proxied("https://muster.example", [
    "muster",
    "uster.example",
    "muster.example:80",
    "0.0.0.0/0",
    "*:80",
    "*example",
    "https://muster.example"
  ]),
  ...proxied("https://10.0.0.7", [
    "10.0.0.8/29",
    "10.0.0.7/33",
    "10.0.0.70",
    "10.0.0",
    ".0.0.7",
    "::/0",
    "10.0.0.7:80",
    "10.*"
  ]),
  ...proxied("https://[2001:db8::7]", ["2001:db9::/32", "2001:db8::/129", "[2001:db8::7]:80", "0.0.0.0/0"]),
  ["http://localhost:8080", { MUSTER_PROXY: P }, P],
  ["https://muster.example", { MUSTER_PROXY: P, HTTPS_PROXY: "http://other", NO_PROXY: "*" }, P]
]

const Natural = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
const Word = Natural(2 ** 32 - 1)
const Words = Schema.Tuple([Word, Word, Word, Word])
const joined = (words: ReadonlyArray<number>) => words.reduce((all, word) => (all << 32n) | BigInt(word), 0n)

const addressOf = (value: bigint, six: boolean): string => {
  const hex = value.toString(16).padStart(six ? 32 : 8, "0")
  return six
    ? hex.match(/.{4}/g)!.join(":")
    : hex.match(/../g)!.map((byte) => Number.parseInt(byte, 16)).join(".")
}

/** The way to a server with this environment. */
const layerWay = (serverUrl: string, environment: Environment) => {
  const options = { serverUrl, token: Redacted.make("mul_secret") }
  return Layer.mergeAll(layerHttpServerApi(options), layerDial(options)).pipe(
    Layer.provide([Layer.succeed(Identity, identity), Layer.succeed(HostEnvironment, environment), Conditions.layer])
  )
}

describe("the proxy", () => {
  it.effect.each(rules)("F-09 for %s with %o is %s", ([server, environment, proxy]) =>
    Effect.gen(function*() {
      const found = yield* proxyFor(server, environment)
      assert.strictEqual(found?.href.replace(/\/$/, ""), proxy)
    }))

  it.prop("F-09 a range exempts exactly the addresses with its leading bits, of IPv4 and IPv6", [
    Schema.Boolean,
    Words,
    Words,
    Natural(128),
    Natural(128)
  ], ([six, base, noise, length, same]) => {
    const width = six ? 128n : 32n
    const bits = BigInt(length) % (width + 1n)
    const whole = joined(base) % 2n ** width
    // Agrees with the base in so many leading bits at least.
    const kept = width - BigInt(same) % (width + 1n)
    const host = (whole >> (width - kept) << (width - kept)) | (joined(noise) % 2n ** (width - kept))
    const inside = host >> (width - bits) === whole >> (width - bits)
    const entry = `${addressOf(whole, six)}/${bits}`
    assert.strictEqual(isExempt(entry, addressOf(host, six), 443), inside, `${entry} ${addressOf(host, six)}`)
    assert.deepStrictEqual(notUnderstood(entry), [])
  })

  it("F-09 invalid entries are logged, and no others", () => {
    const wrong = [
      "10.0.0.0/33",
      "2001:db8::/129",
      "10.0.0.0/8:80",
      "http://a.example",
      "a.example:",
      ":80",
      "a.example:99999",
      "10.*",
      "*a",
      "[::1",
      "::1]:80",
      "10.0.0",
      "a..b",
      "<local>",
      "a/24"
    ]
    const right = [
      "*",
      "*:80",
      "localhost",
      ".local",
      "*.svc.cluster.local",
      "my_service",
      "10.0.0.0/8",
      "10.1.2.3:80",
      "::1",
      "[::1]",
      "[::1]:80",
      "fe80::/10",
      "m\u00fcster.example",
      "a.example."
    ]
    assert.deepStrictEqual(notUnderstood([...wrong, ...right].join(",")), wrong)
  })

  it.effect("one that cannot be used is refused with one sentence", () =>
    Effect.gen(function*() {
      for (
        const [text, said] of [["socks5://proxy", "socks5://proxy"], ["http://", "http://"], [
          "socks5://ann:pw@proxy",
          "socks5://…@proxy"
        ]] as const
      ) {
        const { message } = yield* Effect.flip(proxyFor("https://muster.example", { HTTPS_PROXY: text }))
        assert.strictEqual(
          message,
          `the proxy's address "${said}" cannot be used: it must begin with http:// or https://`
        )
      }
    }))

  it("credentials in its address are sent only to it", () => {
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

  it.effect("is not used for a server on this machine", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make
      const layer = layerWay(server.url, { HTTP_PROXY: "http://127.0.0.1:1", http_proxy: "http://127.0.0.1:1" })
      yield* Effect.gen(function*() {
        const [row] = yield* (yield* ServerApi).register(workspaceId(1), [{ provider: "codex", version: "1" }])
        yield* (yield* Dial).dial([row!.id])
        yield* server.next("open")
      }).pipe(Effect.provide(layer))
    }))

  it.effect("F-09 an error of a call or of the socket through a proxy names the proxy, without its credentials", () =>
    Effect.gen(function*() {
      const proxy = yield* littleProxy
      const cases = [
        ["http://ann:secret@127.0.0.1:1", "ECONNREFUSED"],
        [`http://ann:secret@${proxy.address}`, ""]
      ] as const
      for (const [address, said] of cases) {
        const host = address.split("@")[1]
        const error = yield* Effect.flip(Effect.flatMap(ServerApi, (api) => api.workspaces)).pipe(
          Effect.provide(layerWay("http://muster.test:9", { HTTP_PROXY: address }))
        )
        assert.include(error.message, `list workspaces through the proxy ${host}: ${said}`)
        assert.notInclude(error.message, "secret")
        proxy.answer.connect = 407
        const socket = yield* Effect.flip(Effect.scoped(Effect.flatMap(Dial, ({ dial }) => dial([])))).pipe(
          Effect.provide(layerWay("http://muster.test:9", { HTTP_PROXY: address }))
        )
        assert.include(socket.reason, `the proxy ${host} `)
        assert.notInclude(socket.reason, "secret")
      }
    }))

  it.effect("F-09 a refused handshake and the end of a socket through a proxy name the proxy", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make
      const proxy = yield* littleProxy
      yield* Effect.gen(function*() {
        const { dial } = yield* Dial
        server.refuse = 503
        const refused = yield* Effect.flip(Effect.scoped(dial([])))
        assert.strictEqual(refused.reason, `the upgrade was answered with 503 through the proxy ${proxy.address}`)
        assert.strictEqual(refused.status, 503)
      }).pipe(Effect.provide(layerWay(`http://muster.test:${server.port}`, { HTTP_PROXY: `http://${proxy.address}` })))
    }))

  it.effect("F-09 invalid entries of NO_PROXY are logged once, if a proxy is used", () =>
    Effect.gen(function*() {
      const said = Effect.fnUntraced(function*(environment: Environment) {
        const log = yield* logLines
        const way = layerWay("http://muster.test:9", environment).pipe(Layer.provide(log.layer))
        yield* Effect.flatMap(
          ServerApi,
          ({ workspaces }) => Effect.andThen(Effect.flip(workspaces), Effect.flip(workspaces))
        )
          .pipe(Effect.provide(way))
        return log.lines.filter((line) => line.includes("NO_PROXY"))
      })
      const HTTP_PROXY = "http://127.0.0.1:1"
      assert.deepStrictEqual(yield* said({ HTTP_PROXY, NO_PROXY: "10.0.0.0/33, ok.example,http://x" }), [
        "Warn NO_PROXY: ignoring \"10.0.0.0/33\", \"http://x\": use a host, a domain, an address, a range such as 10.0.0.0/8, or *"
      ])
      assert.deepStrictEqual(yield* said({ HTTP_PROXY, NO_PROXY: "a.example,10.0.0.0/8,[::1]:80,*.b" }), [])
    }))

  it.effect("one that cannot be reached is named", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(Effect.flatMap(Dial, ({ dial }) => dial([])))).pipe(
        Effect.provide(layerWay("http://muster.test", { HTTP_PROXY: "http://127.0.0.1:1" }))
      )
      assert.include(error.reason, "the proxy 127.0.0.1:1 cannot be reached: ECONNREFUSED")
    }))
})

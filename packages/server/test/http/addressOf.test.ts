import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { networkOf } from "../../src/http/addressOf.ts"
import { layerTrustedProxies, TrustedProxies } from "../../src/http/TrustedProxies.ts"
import { startHome } from "../support/Scene.ts"

const configured = (value: string | undefined) =>
  Layer.provide(
    layerTrustedProxies,
    ConfigProvider.layer(ConfigProvider.fromUnknown(value === undefined ? {} : { MUSTER_TRUSTED_PROXIES: value }))
  )

/** Which address the audit log has of a call with this header, where these proxies are trusted. */
const seen = (proxies: string | undefined, forwarded: string) =>
  Effect.gen(function*() {
    const isTrusted = yield* Effect.provide(
      Effect.gen(function*() {
        return yield* TrustedProxies
      }),
      configured(proxies)
    )
    const { me } = yield* Effect.provideService(startHome(), TrustedProxies, isTrusted)
    yield* me.post("/api/tokens", { name: "new" }, { "x-forwarded-for": forwarded })
    return (yield* me.get("/api/audit")).json.events[0].address as string
  })

describe("the address of a caller", () => {
  it.effect.each(
    [
      [undefined, "203.0.113.9", "127.0.0.1"],
      ["10.0.0.0/8", "203.0.113.9", "127.0.0.1"],
      ["127.0.0.1", "203.0.113.9", "203.0.113.9"],
      ["127.0.0.0/8, 10.0.0.0/8", "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"],
      ["127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"],
      ["127.0.0.1,2001:db8::/32", "203.0.113.9, 2001:db8::1", "203.0.113.9"],
      ["127.0.0.1", "junk", "127.0.0.1"],
      ["127.0.0.1", "", "127.0.0.1"],
      ["127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"],
      ["127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"]
    ] as const
  )(
    "A-08 with MUSTER_TRUSTED_PROXIES=%s, `X-Forwarded-For: %s` makes it %s",
    ([proxies, forwarded, address]) =>
      Effect.map(seen(proxies, forwarded), (found) => assert.strictEqual(found, address))
  )

  it.effect.each(["10.0.0.0/33", "proxy.example.org", "10.0.0.1/x", "::/129"])(
    "A-08 MUSTER_TRUSTED_PROXIES=%s does not start a server",
    (value) =>
      Effect.gen(function*() {
        const failure = yield* Effect.flip(Layer.build(configured(`10.0.0.1, ${value}`)))
        assert.strictEqual(
          failure.message,
          `MUSTER_TRUSTED_PROXIES has ${value}, which is no IP address or range: use a list such as 10.0.0.0/8, ::1`
        )
      })
  )

  it("A-08 the addresses of one IPv6 network of 64 bits are one key", () => {
    for (const address of ["2001:db8:1:2::1", "2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:0db8:0001:0002::"]) {
      assert.strictEqual(networkOf(address), "2001:db8:1:2::/64")
    }
    assert.strictEqual(networkOf("::1"), "0:0:0:0::/64")
    assert.strictEqual(networkOf("2001:db8::1"), "2001:db8:0:0::/64")
    assert.strictEqual(networkOf("192.0.2.1"), "192.0.2.1")
    assert.strictEqual(networkOf("unknown"), "unknown")
  })
})

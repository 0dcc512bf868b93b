import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Redacted, Result } from "effect"
import { isSafe, readOidc } from "../../src/oidc/OidcSettings.ts"
import { returnPath } from "../../src/oidc/returnPath.ts"
import { layerServer } from "../../src/Server.ts"
import { signInConfig } from "../../src/serverConfig.ts"

const complete = {
  MUSTER_PUBLIC_URL: "https://muster.example.com/",
  MUSTER_OIDC_ISSUER: "https://id.example.com/realms/a",
  MUSTER_OIDC_CLIENT_ID: "muster",
  MUSTER_OIDC_CLIENT_SECRET: "secret"
}

const read = (env: Readonly<Record<string, string>>) =>
  Effect.map(signInConfig, ({ oidc, publicUrl }) => readOidc(oidc, publicUrl)).pipe(
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
  )

/** What makes the variables unusable, and words of the sentence that reports it. */
const wrong: ReadonlyArray<readonly [changes: Readonly<Record<string, string>>, words: string]> = [
  [{ MUSTER_OIDC_ISSUER: "" }, "MUSTER_OIDC_CLIENT_ID is set without MUSTER_OIDC_ISSUER"],
  [{ MUSTER_OIDC_CLIENT_ID: "" }, "MUSTER_OIDC_ISSUER needs MUSTER_OIDC_CLIENT_ID:"],
  [{ MUSTER_OIDC_CLIENT_SECRET: "", MUSTER_PUBLIC_URL: "" }, "needs MUSTER_OIDC_CLIENT_SECRET and MUSTER_PUBLIC_URL:"],
  [{ MUSTER_OIDC_ISSUER: "google" }, "MUSTER_OIDC_ISSUER is not an issuer URL"],
  [{ MUSTER_OIDC_ISSUER: "https://id.example.com/?a=1" }, "MUSTER_OIDC_ISSUER is not an issuer URL"],
  [{ MUSTER_OIDC_ISSUER: "http://id.example.com" }, "MUSTER_OIDC_ISSUER must start with https://"],
  [{ MUSTER_OIDC_ISSUER: "http://127.evil.example" }, "MUSTER_OIDC_ISSUER must start with https://"],
  [{ MUSTER_PUBLIC_URL: "muster.example.com" }, "MUSTER_PUBLIC_URL is not the address of a server"],
  [{ MUSTER_PUBLIC_URL: "https://example.com/muster" }, "MUSTER_PUBLIC_URL is not the address of a server"],
  [{ MUSTER_OIDC_SCOPES: "email" }, "MUSTER_OIDC_SCOPES must contain openid"],
  [{ MUSTER_OIDC_ALLOWED_DOMAINS: "example.com, *.example.org" }, "MUSTER_OIDC_ALLOWED_DOMAINS has \"*.example.org\""],
  [{ MUSTER_OIDC_ALLOWED_DOMAINS: "localhost" }, "MUSTER_OIDC_ALLOWED_DOMAINS has \"localhost\""],
  [{ MUSTER_OIDC_ALLOWED_DOMAINS: "," }, "MUSTER_OIDC_ALLOWED_DOMAINS has no domain"],
  [{ MUSTER_OIDC_NAME: "x".repeat(51) }, "MUSTER_OIDC_NAME must be one line"],
  [{ MUSTER_OIDC_WORKSPACE: "My Team" }, "MUSTER_OIDC_WORKSPACE is \"My Team\""]
]

describe("the configuration of sign-in with OpenID Connect", () => {
  it.effect("A-09 is absent without its variables; has defaults for what is optional", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* read({}), Result.succeed(undefined))
      assert.deepStrictEqual(
        yield* read({ MUSTER_OIDC_ISSUER: "", MUSTER_PUBLIC_URL: "https://x.example" }),
        Result.succeed(undefined)
      )
      const { clientSecret, issuer, ...rest } = Result.getOrThrow(yield* read(complete))!
      assert.deepStrictEqual([issuer.href, Redacted.value(clientSecret)], ["https://id.example.com/realms/a", "secret"])
      assert.deepStrictEqual(rest, {
        clientId: "muster",
        scopes: "openid email profile",
        allowedDomains: [],
        name: "id.example.com",
        workspace: undefined,
        publicUrl: "https://muster.example.com"
      })
      const { allowedDomains, name, scopes, workspace } = Result.getOrThrow(
        yield* read({
          ...complete,
          MUSTER_OIDC_SCOPES: "openid,email groups",
          MUSTER_OIDC_ALLOWED_DOMAINS: "Example.com, @example.org",
          MUSTER_OIDC_NAME: "Example ID",
          MUSTER_OIDC_WORKSPACE: "home"
        })
      )!
      assert.deepStrictEqual(
        [scopes, allowedDomains, name, workspace],
        ["openid email groups", ["example.com", "example.org"], "Example ID", "home"]
      )
    }))

  it.effect("A-09 an unusable value is reported in one sentence", () =>
    Effect.gen(function*() {
      for (const [changes, words] of wrong) {
        const found = yield* read({ ...complete, ...changes })
        assert.isTrue(Result.isFailure(found), JSON.stringify(changes))
        assert.include(Result.isFailure(found) ? found.failure : "", words)
      }
    }))

  it.effect("A-09 an unusable value stops the server before it opens anything", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Layer.build(layerServer({
        host: "127.0.0.1",
        port: 0,
        dataDir: "/dev/null/none",
        oidc: { clientId: "muster" }
      })))
      assert.deepStrictEqual([error.reason, error.message.split(":")[0]], [
        "configuration",
        "MUSTER_OIDC_CLIENT_ID is set without MUSTER_OIDC_ISSUER"
      ])
    }))

  it("A-09 plain http is accepted for this machine only", () => {
    const safe = ["https://a.example", "http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1"]
    const unsafe = ["http://a.example", "http://localhost.example", "http://127.evil.example", "ftp://127.0.0.1"]
    for (const url of safe) assert.isTrue(isSafe(new URL(url)), url)
    for (const url of unsafe) assert.isFalse(isSafe(new URL(url)), url)
  })

  it("A-09 a person returns to a path of this server, with any address at the start", () => {
    for (const path of ["/", "/skills", "/runtimes/a?b=c&d=/e#f", "/#invite=miv_1", "/apis", "/authors"]) {
      assert.strictEqual(returnPath(path), path)
    }
    const elsewhere = [
      null,
      "",
      "skills",
      "https://evil.example",
      "//evil.example",
      "/\\evil.example",
      "\\\\evil.example",
      "/\t/evil.example",
      "/.//evil.example",
      "/a/..//evil.example",
      "javascript:alert(1)",
      "/auth/oidc/start",
      "/api/me",
      `/${"x".repeat(1_000)}`
    ]
    for (const path of elsewhere) assert.strictEqual(returnPath(path), "/", String(path))
  })
})

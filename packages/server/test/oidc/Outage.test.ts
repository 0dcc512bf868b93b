import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { createServer, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { ProviderTimeout } from "../../src/oidc/OidcProvider.ts"
import type { Browser } from "./Browser.ts"
import { ana, type OidcScene, publicUrl, startOidc, whoIs } from "./Scene.ts"

const waysOf = ({ muster }: Pick<OidcScene, "muster">) =>
  Effect.map(muster.nobody.get("/api/sign-in"), ({ json }) => json)

const ways = (reachable: boolean) => ({
  oidc: { name: "Example ID", url: `${publicUrl}/auth/oidc/start`, reachable }
})

const linesOf = ({ muster }: Pick<OidcScene, "muster">) =>
  muster.lines.filter(({ message }) => message.startsWith("sign-in provider")).map((
    { level, message }
  ) => [level, message])

/** Everything except the provider's sign-in works. */
const assertWorks = Effect.fnUntraced(function*({ muster }: Pick<OidcScene, "muster">) {
  const bob = yield* muster.person("bob")
  const session = yield* muster.nobody.post("/api/session", { token: bob.token })
  const { code } = (yield* muster.as(bob.token).post("/api/session/links", {})).json
  const link = yield* muster.nobody.post("/api/session", { code })
  const ready = yield* muster.nobody.get("/readyz")
  assert.deepStrictEqual([session.status, link.status, ready.status], [200, 200, 200])
})

const assertUnreachable = Effect.fnUntraced(function*(scene: OidcScene, page: Browser, at: string) {
  const refused = yield* page.call(at)
  assert.strictEqual(refused.status, 503, refused.text)
  assert.include(refused.text, "Example ID cannot be reached")
  assert.isUndefined(yield* whoIs(page, scene.muster))
  assert.deepStrictEqual(yield* waysOf(scene), ways(false))
  yield* assertWorks(scene)
})

/** A server that speaks HTTP and is not a provider. */
const impostor = (answer: (response: ServerResponse, issuer: string) => void) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly server: Server; readonly issuer: URL }>((resume) => {
      const server = createServer((_, response) => answer(response, issuer()))
      const issuer = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed({ server, issuer: new URL(issuer()) })))
    }),
    ({ server }) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  )

const start = `${publicUrl}/auth/oidc/start`

describe("a sign-in provider that does not answer", () => {
  it.effect("A-09 down when the server starts: tokens and links work, the log reports it once, and its return ends it", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc({}, {}, { down: true })
      const page = scene.browser()
      yield* assertUnreachable(scene, page, start)
      yield* TestClock.adjust("2 seconds")
      yield* assertUnreachable(scene, page, start)
      const [[level, message] = []] = linesOf(scene)
      assert.strictEqual(level, "Warn")
      assert.match(
        message ?? "",
        /^sign-in provider unavailable: Example ID: .*ECONNREFUSED.*people can sign in with tokens/
      )
      assert.strictEqual(linesOf(scene).length, 1)
      yield* scene.provider.restart
      yield* TestClock.adjust("2 seconds")
      scene.provider.present("sub-1", ana)
      assert.strictEqual((yield* scene.signIn(page)).status, 302)
      assert.isDefined(yield* whoIs(page, scene.muster))
      assert.deepStrictEqual(yield* waysOf(scene), ways(true))
      assert.match(linesOf(scene).at(-1)?.[1] ?? "", /^sign-in provider available again: Example ID/)
    }))

  it.effect("A-09 down between start and callback: the page reports it, and the next sign-in works", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc()
      const page = scene.browser()
      scene.provider.present("sub-1", ana)
      const address = yield* scene.upToCallback(page)
      assert.deepStrictEqual(yield* waysOf(scene), ways(true))
      yield* scene.provider.stop
      yield* assertUnreachable(scene, page, address)
      yield* TestClock.adjust("2 seconds")
      yield* assertUnreachable(scene, page, start)
      yield* scene.provider.restart
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* scene.signIn(page)).status, 302)
      assert.isDefined(yield* whoIs(page, scene.muster))
      assert.deepStrictEqual(yield* waysOf(scene), ways(true))
    }))

  it.effect("A-09 without a provider there are no routes for it, and none is offered", () =>
    Effect.gen(function*() {
      const scene = yield* startOidc({}, { oidc: undefined })
      assert.deepStrictEqual(yield* waysOf(scene), { oidc: null })
      assert.strictEqual((yield* scene.muster.nobody.get("/auth/oidc/start")).status, 404)
      assert.isEmpty(scene.muster.routes.filter((route) => route.includes("/auth/")))
    }))

  it.effect("A-09 an endless or late answer, one of another issuer, or one without PKCE is refused", () =>
    Effect.gen(function*() {
      const metadata = (issuer: string, more: object = {}) =>
        JSON.stringify({
          issuer,
          authorization_endpoint: `${issuer}/auth`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
          ...more
        })
      const json = { "content-type": "application/json" }
      const cases: Record<string, (response: ServerResponse, issuer: string) => void> = {
        "its response is larger than 1 MiB": (response, issuer) => {
          response.writeHead(200, json).end(metadata(issuer, { filler: "x".repeat(2 ** 20) }))
        },
        "it did not answer in time": (response) => {
          response.writeHead(200, json).write("{")
        },
        "does not match the expected issuer": (response) => {
          response.writeHead(200, json).end(metadata("http://127.0.0.1:1"))
        },
        "it does not support PKCE with S256": (response, issuer) => {
          response.writeHead(200, json).end(metadata(issuer, { code_challenge_methods_supported: ["plain"] }))
        },
        "it names an address without https: http://id.example.com/auth": (response, issuer) => {
          response.writeHead(200, json).end(metadata(issuer, { authorization_endpoint: "http://id.example.com/auth" }))
        },
        "unexpected HTTP response status code": (response) => {
          response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()
        }
      }
      for (const [words, answer] of Object.entries(cases)) {
        const { issuer } = yield* impostor(answer)
        const scene = yield* Effect.provideService(startOidc({ issuer }), ProviderTimeout, 0.2)
        yield* assertUnreachable(scene, scene.browser(), start)
        assert.include(linesOf(scene)[0]?.[1] ?? "", words)
      }
    }))
})

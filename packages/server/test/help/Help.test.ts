import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ConsoleFolder } from "../../src/console/ConsoleFolder.ts"
import { layerHelpRoutes } from "../../src/help/HelpRoutes.ts"
import { layerNoRoute } from "../../src/http/NoRoute.ts"
import { layerRouteIndex } from "../../src/http/RouteIndex.ts"
import { request } from "../support/Http.ts"

const script = "document.documentElement.classList.add(\"dark\")"

/** A server with a folder of the console whose documentation is not there yet. */
const serve = Effect.gen(function*() {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "muster-help-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  )
  const routes = Layer.mergeAll(layerHelpRoutes, layerNoRoute).pipe(
    Layer.provide([layerRouteIndex, NodeServices.layer, Layer.succeed(ConsoleFolder, folder)])
  )
  const context = yield* Layer.build(
    HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
      Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 }))
    )
  )
  const url = yield* Effect.provideContext(
    Effect.map(HttpServer.HttpServer, ({ address }) => HttpServer.formatAddress(address)),
    context
  )
  const build = () => {
    mkdirSync(join(folder, "help", "assets", "chunks"), { recursive: true })
    mkdirSync(join(folder, "help", "files", "deploy"), { recursive: true })
    writeFileSync(join(folder, "index.html"), "secret")
    writeFileSync(join(folder, "help", ".hidden.html"), "secret")
    writeFileSync(
      join(folder, "help", "index.html"),
      `<!doctype html><title>Muster</title><script id="theme">${script}</script><script type="module" src="/help/assets/a.js"></script>`
    )
    writeFileSync(join(folder, "help", "404.html"), "<!doctype html><title>404</title>")
    writeFileSync(join(folder, "help", "assets", "chunks", "@index.Ab1.js"), "export default 1")
    writeFileSync(join(folder, "help", "files", "deploy", "muster.conf"), "server {}")
  }
  const get = (path: string) => request(url, "GET", path, { headers: { accept: "text/html" } })
  return { build, get }
})

describe("the documentation at /help/", () => {
  it.effect("P-07 is served from the console's folder, each page under a policy for its own scripts", () =>
    Effect.gen(function*() {
      const { build, get } = yield* serve
      assert.strictEqual((yield* get("/help")).text, (yield* get("/help/")).text)
      const early = yield* get("/help/")
      assert.strictEqual(early.status, 200)
      assert.include(early.text, "npm run docs")
      build()
      for (const path of ["/help/", "/help/index.html"]) {
        const page = yield* get(path)
        assert.include(page.text, script)
        const policy = page.headers.get("content-security-policy") ?? ""
        const allowed = `'sha256-${createHash("sha256").update(script).digest("base64")}'`
        assert.include(policy, `script-src 'self' ${allowed};`)
        assert.include(policy, "connect-src 'self'")
        assert.strictEqual(page.headers.get("cache-control"), "no-cache")
      }
      const chunk = yield* get("/help/assets/chunks/@index.Ab1.js")
      assert.match(chunk.headers.get("content-type") ?? "", /^text\/javascript/)
      assert.match(chunk.headers.get("cache-control") ?? "", /immutable/)
      assert.match((yield* get("/help/files/deploy/muster.conf")).headers.get("content-type") ?? "", /^text\/plain/)
    }).pipe(Effect.scoped))

  it.effect("P-08 an unknown page is the site's own page with status 404, and no path leads out of the folder", () =>
    Effect.gen(function*() {
      const { build, get } = yield* serve
      build()
      const paths = [
        "/help/none.html",
        "/help/..%2findex.html",
        "/help/%2e%2e/index.html",
        "/help/.hidden.html",
        "/help/a//b"
      ]
      for (const path of paths) {
        const { status, text } = yield* get(path)
        assert.deepStrictEqual([path, status, text.includes("secret")], [path, 404, false])
      }
      assert.include((yield* get("/help/none.html")).text, "<title>404</title>")
    }).pipe(Effect.scoped))
})

import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { ConsolePages } from "@muster/domain"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { brotliCompressSync, gzipSync } from "node:zlib"
import { ConsoleFolder } from "../../src/console/ConsoleFolder.ts"
import { layerConsoleRoutes } from "../../src/console/ConsoleRoutes.ts"
import { layerNoRoute } from "../../src/http/NoRoute.ts"
import { layerRouteIndex } from "../../src/http/RouteIndex.ts"
import { request } from "../support/Http.ts"

const script = "export const answer = 42"

/** A server with this folder, which may still be empty. */
const serve = Effect.gen(function*() {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "muster-console-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  )
  const routes = Layer.mergeAll(layerConsoleRoutes, layerNoRoute).pipe(
    Layer.provide([layerRouteIndex, NodeServices.layer, Layer.succeed(ConsoleFolder, join(folder, "dist"))])
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
    const assets = join(folder, "dist", "assets")
    mkdirSync(assets, { recursive: true })
    writeFileSync(join(folder, "secret.js"), "secret")
    writeFileSync(join(folder, "dist", "index.html"), "<!doctype html><title>Muster</title>")
    writeFileSync(join(assets, "main-1a2b.js"), script)
    writeFileSync(join(assets, "main-1a2b.js.br"), brotliCompressSync(script))
    writeFileSync(join(assets, "main-1a2b.js.gz"), gzipSync(script))
    writeFileSync(join(assets, "plain.css"), "p{}")
  }
  const get = (path: string, accept = "") => request(url, "GET", path, { headers: { "accept-encoding": accept } })
  return { build, get }
})

describe("the console's files", () => {
  it.effect("each page is the same document, revalidated each time, under a policy without exceptions for scripts", () =>
    Effect.gen(function*() {
      const { build, get } = yield* serve
      const early = yield* get("/")
      assert.include(early.text, "The console is being built")
      assert.notInclude(early.text, "<script")
      build()
      for (const path of Object.values(ConsolePages.all)) {
        const { headers, status, text } = yield* get(path.replace(":runtimeId", "x"))
        assert.deepStrictEqual([path, status, text], [path, 200, "<!doctype html><title>Muster</title>"])
        assert.strictEqual(headers.get("cache-control"), "no-cache")
        const policy = headers.get("content-security-policy") ?? ""
        assert.include(policy, "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
        assert.include(policy, "frame-ancestors 'none'")
        assert.notMatch(policy, /unsafe|\*|https?:/)
        assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
        assert.strictEqual(headers.get("referrer-policy"), "no-referrer")
      }
    }))

  it.effect("an asset has its smallest accepted form and is cached permanently; no other file is served", () =>
    Effect.gen(function*() {
      const { build, get } = yield* serve
      build()
      for (const [accept, encoding] of [["gzip, deflate, br", "br"], ["gzip;q=0.8", "gzip"], ["", null]] as const) {
        const { headers, status, text } = yield* get("/assets/main-1a2b.js", accept)
        assert.deepStrictEqual([status, text, headers.get("content-encoding")], [200, script, encoding])
        assert.strictEqual(headers.get("content-type"), "text/javascript; charset=utf-8")
        assert.strictEqual(headers.get("cache-control"), "public, max-age=31536000, immutable")
        assert.strictEqual(headers.get("vary"), "accept-encoding")
      }
      assert.strictEqual((yield* get("/assets/plain.css", "br")).text, "p{}")
      const not = [
        "none.js",
        "main-1a2b.js.br",
        "..%2f..%2fsecret.js",
        "..%5csecret.js",
        ".js",
        "a%00.js",
        "index.html"
      ]
      for (const name of not) assert.deepStrictEqual([name, (yield* get(`/assets/${name}`)).status], [name, 404])
      assert.strictEqual((yield* get("/built-from")).status, 404)
    }))
})

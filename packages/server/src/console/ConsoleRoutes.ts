import { ConsolePages } from "@muster/domain"
import { Effect, FileSystem, Layer, Option, Path } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { acceptedEncodings } from "../http/acceptedEncodings.ts"
import { pageHeaders } from "../http/pageHeaders.ts"
import { ConsoleFolder } from "./ConsoleFolder.ts"

const types: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml"
}

/** File names that the build produces. They have no slash, so no path leads out of the folder. */
const assetName = /^[\w-]+(?:\.[\w-]+)*\.(css|js|svg)$/

/** The compressed forms that the build writes, smallest first. */
const encodings = [["br", ".br"], ["gzip", ".gz"]] as const

/** The page at `/` until the console is built. It reloads each second, without a script. */
const notBuilt = new TextEncoder().encode(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="1">
<title>Muster</title>
<p>The console is being built; this takes a few seconds. The page reloads automatically.</p>
<p>If it stays like this, run <code>npm run build</code> in Muster's folder and read its output.</p>
</html>
`)

/**
 * The console at its pages' paths, and its files below `/assets`. File names contain a hash of their content, so files are
 * cached forever; the page is revalidated each time. Files are read for each request: the operating system caches them.
 */
export const layerConsoleRoutes = Layer.unwrap(Effect.gen(function*() {
  const folder = yield* ConsoleFolder
  if (folder === undefined) return Layer.empty
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const read = (...names: ReadonlyArray<string>) => Effect.option(fs.readFile(path.join(folder, ...names)))

  const page = Effect.map(
    read("index.html"),
    (found) =>
      HttpServerResponse.uint8Array(Option.getOrElse(found, () => notBuilt), {
        contentType: "text/html; charset=utf-8",
        headers: { ...pageHeaders, "cache-control": "no-cache" }
      })
  )

  const asset = Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { file = "" } = yield* HttpRouter.params
    const contentType = types[assetName.exec(file)?.[1] ?? ""]
    if (contentType === undefined) return HttpServerResponse.empty({ status: 404 })
    const forms = acceptedEncodings(request)
    const fixed = { ...pageHeaders, "cache-control": "public, max-age=31536000, immutable", vary: "accept-encoding" }
    for (const [encoding, suffix] of encodings) {
      const found = forms.has(encoding) ? yield* read("assets", file + suffix) : Option.none()
      if (Option.isSome(found)) {
        return HttpServerResponse.uint8Array(found.value, {
          contentType,
          headers: { ...fixed, "content-encoding": encoding }
        })
      }
    }
    const found = yield* read("assets", file)
    return Option.isNone(found)
      ? HttpServerResponse.empty({ status: 404 })
      : HttpServerResponse.uint8Array(found.value, { contentType, headers: fixed })
  })

  return HttpRouter.addAll([
    ...Object.values(ConsolePages.all).map((path) => HttpRouter.route("GET", path, page)),
    HttpRouter.route("GET", "/assets/:file", asset)
  ])
}))

import { Effect, FileSystem, Layer, Option, Path } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { hash } from "node:crypto"
import { ConsoleFolder } from "../console/ConsoleFolder.ts"
import { pageHeaders } from "../http/pageHeaders.ts"

const text = "text/plain; charset=utf-8"

/** Other files are what pages show or refer to, such as configurations: plain text. */
const types: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  png: "image/png",
  webp: "image/webp",
  woff2: "font/woff2"
}

/** A name in a path of the site. It does not begin with a dot, so no path leads out of the folder. */
const segment = /^[\w@-][\w@.-]*$/

/** Scripts in the pages themselves, which set the theme before the page is shown. */
const inlineScript = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g

/** The policy of pages, and only the scripts that this page has. Its code blocks have inline styles. */
const policyOf = (page: string) => {
  const hashes = [...page.matchAll(inlineScript)].map(([, source = ""]) =>
    `'sha256-${hash("sha256", source, "base64")}'`
  )
  return pageHeaders["content-security-policy"].replace("script-src 'self'", ["script-src 'self'", ...hashes].join(" "))
    .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
}

const fileResponse = (name: string, bytes: Uint8Array, status: number) => {
  const contentType = types[/\.(\w+)$/.exec(name)?.[1] ?? ""] ?? text
  const policy = contentType === types["html"] ? policyOf(new TextDecoder().decode(bytes)) : undefined
  // The names of assets contain a hash of their content.
  const caching = name.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache"
  const headers = { ...pageHeaders, "cache-control": caching }
  return HttpServerResponse.uint8Array(bytes, {
    status,
    contentType,
    headers: policy === undefined ? headers : { ...headers, "content-security-policy": policy }
  })
}

/** The page of a checkout, whose installation has not built the site. */
const notBuilt = new TextEncoder().encode(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Documentation · Muster</title>
<h1>Documentation</h1>
<p>This server runs from a checkout, which has the documentation as Markdown: begin with <code>docs/index.md</code>.
<code>npm run docs</code> builds it as a site with search. The published packages contain the site.</p>
<p><a href="/">Open the console</a>, or read the <a href="/docs">API documentation</a>.</p>
</html>
`)

/**
 * The documentation at `/help/`, from the folder `help` of the console's files: packages contain it. The site loads nothing
 * from another host, so it works without a network.
 */
export const layerHelpRoutes = Layer.unwrap(Effect.gen(function*() {
  const folder = yield* ConsoleFolder
  if (folder === undefined) return Layer.empty
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const read = (name: string) => Effect.option(fs.readFile(path.join(folder, "help", ...name.split("/"))))

  const file = Effect.gen(function*() {
    const { url } = yield* HttpServerRequest.HttpServerRequest
    // The router uses the route for `/help`, too.
    if (/^\/help(\?|$)/.test(url)) return HttpServerResponse.redirect("/help/", { status: 308 })
    const { "*": rest = "" } = yield* HttpRouter.params
    const name = rest === "" ? "index.html" : rest
    const found = name.split("/").every((one) => segment.test(one)) ? yield* read(name) : Option.none()
    if (Option.isSome(found)) return fileResponse(name, found.value, 200)
    if (name === "index.html") return fileResponse(name, notBuilt, 200)
    const missing = yield* read("404.html")
    return Option.isSome(missing)
      ? fileResponse("404.html", missing.value, 404)
      : HttpServerResponse.empty({ status: 404 })
  })

  return HttpRouter.addAll([HttpRouter.route("GET", "/help/*", file)])
}))

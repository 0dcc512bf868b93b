// @ts-check
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { basename } from "node:path"

/** A tarball, and its manifest with what a registry adds. */
const entryOf = (
  /** @type {string} */ path,
  /** @type {Record<string, any>} */ manifest,
  /** @type {string} */ base
) => {
  const integrity = `sha512-${createHash("sha512").update(readFileSync(path)).digest("base64")}`
  return { ...manifest, dist: { tarball: `${base}/tarballs/${basename(path)}`, integrity } }
}

/**
 * Starts an npm registry on this machine that has these packages, each a tarball and its manifest, and sends clients to the
 * person's own registry for all others. Resolves to its address and what closes it.
 * @param {ReadonlyArray<{ readonly path: string, readonly manifest: Record<string, any> }>} packages
 * @param {string} upstream
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export const startRegistry = (packages, upstream) =>
  new Promise((resolve) => {
    let base = ""
    const server = createServer(({ url = "" }, response) => {
      const name = decodeURIComponent(url.slice(1))
      const file = packages.find(({ path }) => url === `/tarballs/${basename(path)}`)
      if (file !== undefined) return response.end(readFileSync(file.path))
      const found = packages.find(({ manifest }) => manifest.name === name)
      if (found === undefined) return response.writeHead(307, { location: new URL(url.slice(1), upstream).href }).end()
      const { manifest, path } = found
      const document = {
        name,
        "dist-tags": { latest: manifest.version },
        versions: { [manifest.version]: entryOf(path, manifest, base) }
      }
      return response.setHeader("content-type", "application/json").end(JSON.stringify(document))
    })
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      base = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`
      resolve({ url: `${base}/`, close: () => server.close().closeAllConnections() })
    })
  })

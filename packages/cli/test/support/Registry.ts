import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { main } from "./Main.ts"

/** A package `muster` with its own version whose program is this checkout's. */
const writePackage = (folder: string, version: string, says = version) => {
  mkdirSync(`${folder}/bin`, { recursive: true })
  const manifest = { name: "muster", version, type: "module", bin: { muster: "bin/muster.mjs" } }
  writeFileSync(`${folder}/package.json`, JSON.stringify(manifest))
  writeFileSync(
    `${folder}/bin/muster.mjs`,
    `#!${process.execPath}
if (process.argv[2] === "--version") console.log("muster v${says}")
else await import(${JSON.stringify(main)})
`,
    { mode: 0o755 }
  )
}

/** The result of `npm install --global --prefix`: the package, and a link to its program. Returns the program. */
export const installed = (prefix: string, version: string): string => {
  writePackage(`${prefix}/lib/node_modules/muster`, version)
  mkdirSync(`${prefix}/bin`)
  symlinkSync("../lib/node_modules/muster/bin/muster.mjs", `${prefix}/bin/muster`)
  return `${prefix}/bin/muster`
}

const tarball = (folder: string, version: string, says: string): Buffer => {
  writePackage(`${folder}/${version}/package`, version, says)
  execFileSync("tar", ["-czf", `${folder}/${version}.tgz`, "-C", `${folder}/${version}`, "package"])
  return readFileSync(`${folder}/${version}.tgz`)
}

/** A package registry on this machine with these versions of `muster`, and the version that each reports. */
export const startRegistry = (folder: string, versions: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: string; readonly close: () => void }>((resume) => {
      const files = new Map(
        Object.entries(versions).map(([version, says]) => [version, tarball(folder, version, says)])
      )
      const server = createServer(({ url = "" }, response) => {
        const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        const file = files.get(/^\/muster\/-\/(.*)\.tgz$/.exec(url)?.[1] ?? "")
        if (file !== undefined) return response.end(file)
        if (url !== "/muster") return response.writeHead(404).end("{}")
        const entries = [...files].map(([version, bytes]) => [version, {
          name: "muster",
          version,
          bin: { muster: "bin/muster.mjs" },
          dist: {
            tarball: `${base}/muster/-/${version}.tgz`,
            integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`
          }
        }])
        response.setHeader("content-type", "application/json")
        return response.end(JSON.stringify({ name: "muster", versions: Object.fromEntries(entries), "dist-tags": {} }))
      })
      server.listen(0, "127.0.0.1", () =>
        resume(Effect.succeed({
          url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
          close: () => server.close().closeAllConnections()
        })))
    }),
    ({ close }) => Effect.sync(close)
  )

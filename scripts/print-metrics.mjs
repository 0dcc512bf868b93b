// Prints what a server exposes at `/metrics`: it starts one with a data folder of its own and ends it. For `npm run check:deploy`.
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bundledNode, root } from "./install.mjs"

const folder = mkdtempSync(join(tmpdir(), "muster-metrics-"))
const main = join(root, "packages", "cli", "src", "main.ts")
const server = spawn(
  bundledNode(),
  [main, "server", "--host", "127.0.0.1", "--port", "0", "--data", folder, "--json"],
  { env: { ...process.env, HOME: folder }, stdio: ["ignore", "pipe", "inherit"] }
)
const ended = new Promise((resolve) => server.on("close", resolve))
const url = new Promise((resolve, reject) => {
  let output = ""
  server.stdout.on("data", (chunk) => {
    output += chunk
    const [, found] = /"url": ?"([^"]+)"/.exec(output) ?? []
    if (found !== undefined) resolve(found)
  })
  server.on("close", (code) => reject(new Error(`the server ended with ${code}`)))
})
try {
  const address = await url
  // Counters of responses and errors are there after the first ones.
  for (const path of ["/healthz", "/readyz", "/openapi.json", "/api/me", "/metrics"]) await fetch(`${address}${path}`)
  const response = await fetch(`${address}/metrics`)
  if (!response.ok) throw new Error(`/metrics: ${response.status}`)
  process.stdout.write(await response.text())
} finally {
  server.kill("SIGTERM")
  await ended
  rmSync(folder, { recursive: true, force: true })
}

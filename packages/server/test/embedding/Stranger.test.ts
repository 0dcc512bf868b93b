import { assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("Stranger.ts", import.meta.url))

describe("a program that composes the server over stores of its own", () => {
  it("is the example of docs/extending.md, and answers requests", async () => {
    const page = readFileSync(new URL("../../../../docs/extending.md", import.meta.url), "utf8")
    assert.include(page, `\`\`\`ts\n${readFileSync(program, "utf8")}\`\`\``)
    const data = mkdtempSync(join(tmpdir(), "muster-stranger-"))
    const child = spawn(process.execPath, [program], { env: { PATH: "/usr/bin:/bin", DATA: data } })
    try {
      const url = await new Promise<string>((resolve, reject) => {
        let told = ""
        child.stdout.on("data", (chunk) => {
          told += chunk
          const found = /listening on (http:\S+)/.exec(told)?.[1]
          if (found !== undefined) resolve(found)
        })
        child.on("close", () => reject(new Error(told)))
      })
      const ready = await (await fetch(`${url}/readyz`)).json() as { readonly status: string }
      assert.strictEqual(ready.status, "ok")
      const token = readFileSync(join(data, "token"), "utf8").trim()
      const me = await fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${token}` } })
      assert.strictEqual(me.status, 200)
    } finally {
      child.removeAllListeners("close")
      const ended = new Promise((resolve) => child.on("close", resolve))
      child.kill("SIGTERM")
      await ended
      rmSync(data, { recursive: true })
    }
  })
})

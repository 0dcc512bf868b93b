import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"

const script = fileURLToPath(new URL("../histories.mjs", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "muster-histories-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** Run as npm runs it for somebody who is in the folder. */
const histories = (...args) => {
  const env = { ...process.env, INIT_CWD: folder }
  for (const name of Object.keys(env)) if (name.startsWith("VITEST")) delete env[name]
  return spawnSync(process.execPath, [script, ...args], { env, encoding: "utf8" })
}

describe("npm run histories", () => {
  it.each([
    [[]],
    [["--out", ""]],
    [["--out", "x", "--count", "0"]],
    [["--out", "x", "--count", "many"]],
    [["--out", "x", "--backend", "toString"]],
    [["--out", "x", "--seed", ""]],
    [["--out", "x", "--fast"]]
  ])("refuses %j with one sentence", (args) => {
    const { status, stderr } = histories(...args)
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Usage: .*\.\n$/)
  })

  it("F-33 records as many as asked under each fault of Redis", () => {
    const { status, stdout } = histories("--out", "faults", "--count", "2", "--backend", "redis", "--seed", "other")
    expect(status, stdout).toBe(0)
    const names = ["redis", "redis-killed", "redis-failover", "redis-evicting"]
    const expected = names.flatMap((name) => [`${name}-0.jsonl`, `${name}-1.jsonl`])
    expect(readdirSync(join(folder, "faults")).sort()).toEqual(expected.sort())
    const text = readFileSync(join(folder, "faults", "redis-failover-0.jsonl"), "utf8")
    expect(text).toContain("\"op\":\"lose\",\"args\":{\"losses\":\"tail\"")
  }, 120_000)

  it("writes each history as JSON lines", () => {
    const { status, stdout } = histories("--out", "written", "--count", "2", "--backend", "memory")
    expect(status, stdout).toBe(0)
    const files = readdirSync(join(folder, "written")).sort()
    expect(files).toEqual(["memory-0.jsonl", "memory-1.jsonl", "tasks-memory-0.jsonl", "tasks-memory-1.jsonl"])
    const entriesOf = (name) =>
      readFileSync(join(folder, "written", name), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line))
    const requests = entriesOf(files[0])
    expect(requests).toHaveLength(64)
    for (const entry of requests) {
      expect(Object.keys(entry)).toContain("result")
      expect(entry).toMatchObject({
        op: expect.stringMatching(/^(create|claim|settle|get|waiting)$/),
        args: { now: expect.any(Number), runtime: expect.any(String) },
        called: expect.any(Number),
        returned: expect.any(Number)
      })
    }
    const tasks = entriesOf(files[2])
    expect(tasks).toHaveLength(97)
    for (const entry of tasks) {
      expect(Object.keys(entry)).toContain("result")
      expect(entry).toMatchObject({
        op: expect.stringMatching(/^(enqueue|claim|start|renew|release|settle|beat|cancel|find)$/),
        args: { now: expect.any(Number) },
        called: expect.any(Number),
        returned: expect.any(Number)
      })
    }
  }, 60_000)
})

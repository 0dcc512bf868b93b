import { readFileSync } from "node:fs"
import { expect, it } from "vitest"

const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))

// npm runs a command in a shell. Without `exec` the shell stays between: a SIGTERM ends it and leaves the server running.
it.each([
  "start",
  "build",
  "pack",
  "executable",
  "test",
  "test:packages",
  "check",
  "check:deploy",
  "docs",
  "bench",
  "test:agents",
  "format",
  "histories"
])(
  "npm run %s leaves no shell between",
  (name) => {
    expect(scripts[name]).toMatch(/^exec node scripts\/[\w-]+\.mjs\b[^;&|]*$/)
  }
)

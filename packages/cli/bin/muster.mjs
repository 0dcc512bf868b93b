#!/usr/bin/env node
// Runs the CLI's sources on the workspace's own Node, whatever Node started this file (any version from 18 on).
import { spawn } from "node:child_process"
import { existsSync, realpathSync } from "node:fs"
import { constants } from "node:os"
import { fileURLToPath } from "node:url"

const bundled = fileURLToPath(new URL("../../../node_modules/.bin/node", import.meta.url))
const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
const node = existsSync(bundled) ? realpathSync(bundled) : process.execPath

/** Runs the CLI in a process of its own that takes this one's place: same terminal, same signals, same end. */
const hand = () => {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" })
  // A terminal's Ctrl-C reaches the whole group, the child included; passed on, it would arrive twice.
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !terminal) child.kill(signal)
    })
  }
  child.on("error", (error) => {
    process.stderr.write(
      `error: ${node} cannot be started (${error.code})\nnext:  install what is missing: npm start\n`
    )
    process.exitCode = 1
  })
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? code : 128 + constants.signals[signal]
  })
}

if (realpathSync(process.execPath) === node) await import("../src/main.ts")
else hand()

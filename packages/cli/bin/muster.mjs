#!/usr/bin/env node
// Runs the CLI of a checkout on the workspace's own Node, whichever Node (18 or newer) started this file: from the sources where what
// they import is installed, elsewhere the build that `npm start` made.
import { spawn } from "node:child_process"
import { existsSync, realpathSync } from "node:fs"
import { constants } from "node:os"
import { fileURLToPath } from "node:url"

const bundled = fileURLToPath(new URL("../../../node_modules/.bin/node", import.meta.url))
const from = existsSync(new URL("../node_modules/effect", import.meta.url)) ? "../src/main.ts" : "../dist/main.js"
const main = fileURLToPath(new URL(from, import.meta.url))
const node = existsSync(bundled) ? realpathSync(bundled) : process.execPath

/** Runs the CLI in a child process with the same terminal, signals and exit code. */
const runInChild = () => {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" })
  // A terminal sends Ctrl-C to the whole process group, the child included. Forwarding it would deliver it twice.
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

if (realpathSync(process.execPath) === node) await import(from)
else runInChild()

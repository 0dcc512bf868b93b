#!/usr/bin/env node
// Runs the CLI's sources with the workspace's own Node, whatever Node started this file (any version from 18 on).
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

const bundled = fileURLToPath(new URL("../../../node_modules/.bin/node", import.meta.url))
const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
const node = existsSync(bundled) ? bundled : process.execPath
const { status, signal, error } = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: "inherit" })
if (error) throw error
if (signal) process.kill(process.pid, signal)
process.exit(status ?? 1)

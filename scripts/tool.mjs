// Runs the tools of `npm run check:deploy`.
import { spawnSync } from "node:child_process"
import { root } from "./install.mjs"

export const run = (program, args, options = {}) =>
  spawnSync(program, args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024, ...options })

export const outputOf = ({ error, stderr, stdout }) => error ? error.message : `${stdout}${stderr}`.trim()

/** Runs a program and throws its output if it fails. */
export const pass = (program, args, options) => {
  const done = run(program, args, options)
  if (done.status !== 0) throw new Error(outputOf(done))
  return done
}

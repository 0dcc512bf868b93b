// Hands this process over to a program, as far as a Node of any version can.
import { spawn } from "node:child_process"
import { constants } from "node:os"

/**
 * Runs the program in this process' place: same terminal, same signals, same end. A terminal's Ctrl-C reaches the whole
 * foreground group, the program included, so it is not passed on a second time; every other signal is, once.
 */
export const replaceBy = (program, args, options) => {
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  const child = spawn(program, args, { ...options, stdio: "inherit" })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    let passed = signal === "SIGINT" && Boolean(terminal)
    process.on(signal, () => {
      if (!passed) child.kill(signal)
      passed = true
    })
  }
  child.on("error", (error) => {
    process.stderr.write(`${program} could not be started: ${error.message}.\n`)
    process.exit(1)
  })
  child.on("exit", (status, signal) => {
    if (signal === null) process.exit(status)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
    // A signal that does not end this process (it may be blocked) still gives the exit code that shells use for it.
    process.exitCode = 128 + constants.signals[signal]
  })
}

// @ts-check
import { spawn } from "node:child_process"

/**
 * Runs a command without blocking this process, which may serve it. Resolves to what it printed.
 * @param {string} command
 * @param {ReadonlyArray<string>} args
 * @param {{ readonly cwd: string, readonly env: any }} options
 * @returns {Promise<string>}
 */
export const run = (command, args, options) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] })
    let printed = ""
    let said = ""
    child.stdout.on("data", (chunk) => (printed += chunk))
    child.stderr.on("data", (chunk) => (said += chunk))
    child.on("error", reject)
    child.on("close", (code) =>
      code === 0 ? resolve(printed) : reject(new Error(`${command} ${args.join(" ")}: ${code}\n${printed}${said}`)))
  })

import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import { root } from "../../src/page/Repository.ts"

/** The build that `npm test` made for a whole run, or the sources. */
const main = process.env["MUSTER_TEST_MAIN"] ?? join(root, "packages", "cli", "src", "main.ts")
const scripted = join(root, "packages", "store-suite", "src", "agent", "ScriptedModelMain.ts")

/** Muster of this checkout under the names that the pages use, and `npm start`, which ends in `muster dev`, also with a scripted model. */
const prelude = `
muster() { "${process.execPath}" "${main}" "$@"; }
npx() { shift; muster "$@"; }
npm() {
  case "$*" in
    "run scripted -- npm start -- "*) shift 6; "${process.execPath}" "${scripted}" "${process.execPath}" "${main}" dev "$@" ;;
    "start -- "*) shift 2; muster dev "$@" ;;
    start) muster dev ;;
    *) return 2 ;;
  esac
}
uuidgen() { "${process.execPath}" -p 'crypto.randomUUID()'; }
`

type Environment = Readonly<Record<string, string>>

const start = (command: string, env: Environment) =>
  spawn("sh", ["-c", `${prelude}\n${command}`], {
    env: { PATH: "/usr/bin:/bin", ...env },
    cwd: env["HOME"],
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, to end what the shell started.
    detached: true
  })

const outputOf = (child: ChildProcess) => {
  const output = { text: "" }
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => output.text += chunk.toString())
  }
  return output
}

const signal = (child: ChildProcess, name: NodeJS.Signals) => {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, name)
}

/** Runs a command of a page by a shell. Both outputs are one. */
export const runLine = (command: string, env: Environment) =>
  new Promise<{ readonly code: number | null; readonly output: string }>((resolve) => {
    const child = start(command, env)
    const output = outputOf(child)
    // What a daemon in the background inherits stays open: the end of the shell counts.
    child.on("exit", (code) => resolve({ code, output: output.text }))
  })

/** A command that goes on until it is stopped. */
export interface Running {
  /** What it printed before it was ready. */
  readonly output: string
  /** Ends it, as Ctrl-C does, and returns what it printed. */
  readonly stop: () => Promise<string>
}

/** How long a command may take until it works, in ms: it is a process on a machine that may be busy. */
const timeout = 60_000

/** Starts a command that goes on, and waits until it prints something that matches. Fails if it ends before, or prints other things. */
export const startLine = (command: string, env: Environment, ready: RegExp) =>
  new Promise<Running>((resolve, reject) => {
    const child = start(command, env)
    const output = outputOf(child)
    const ended = new Promise<void>((done) => child.on("exit", () => done()))
    const stop = async () => {
      signal(child, "SIGINT")
      await ended
      return output.text
    }
    const late = setTimeout(() => {
      signal(child, "SIGKILL")
      reject(new Error(`${command} did not print ${ready}:\n${output.text}`))
    }, timeout)
    const look = () => {
      if (!ready.test(output.text)) return
      clearTimeout(late)
      resolve({ output: output.text, stop })
    }
    child.stdout.on("data", look)
    child.stderr.on("data", look)
    child.on("exit", () => {
      clearTimeout(late)
      reject(new Error(`${command} ended:\n${output.text}`))
    })
  })

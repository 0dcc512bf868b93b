import { Effect } from "effect"
import { spawn } from "node:child_process"
import { mkdirSync } from "node:fs"
import { makePerson } from "./FakeOpenCode.ts"
import { main } from "./Main.ts"
import { killDaemon } from "./Processes.ts"

/** The homes of the page's people and machines, in one folder, each with an agent CLI. */
export const makeHomes = Effect.gen(function*() {
  const { HOME: folder, MUSTER_OPENCODE_PATH } = yield* makePerson
  const homes = new Set<string>()
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const home of homes) killDaemon(home)
    })
  )
  return {
    folder,
    of: (who: string) => {
      const home = `${folder}/${who}`
      mkdirSync(home, { recursive: true })
      homes.add(home)
      return { HOME: home, HOMES: folder, PATH: "/usr/bin:/bin", MUSTER_LOCAL_PORT: "0", MUSTER_OPENCODE_PATH }
    }
  }
})

/** Programs of the page: Muster of this checkout, and a copy from another machine. */
const prelude = `
npx() { shift; "${process.execPath}" "${main}" "$@"; }
scp() { for from in "$@"; do to=$from; done
  while [ $# -gt 1 ]; do cp "$HOMES/$(echo "$1" | tr : /)" "$to"; shift; done; }
`

/** Runs a command of the page by a shell; both outputs are one. */
export const runShell = (command: string, env: Record<string, string>) =>
  Effect.callback<string>((resume) => {
    const child = spawn("sh", ["-c", `${prelude}\n{ ${command}\n} 2>&1`], { env, cwd: env["HOME"]!, stdio: "pipe" })
    let output = ""
    child.stdout.on("data", (chunk: Buffer) => output += chunk.toString())
    child.on("close", () => resume(Effect.succeed(output)))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

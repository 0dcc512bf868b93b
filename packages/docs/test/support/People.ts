import { Effect } from "effect"
import { hostname } from "node:os"
import { join } from "node:path"
import type { startScene } from "./Scene.ts"
import { runLine } from "./Shell.ts"

type Scene = Effect.Success<typeof startScene>

/** A secret that a command printed: its prefix, and 40 hex digits. */
const secret = /\b(m[a-z]{2})_[0-9a-f]{40}/g

/** Who types the commands of the pages, and what they put in place of what the pages leave open. */
export const makePeople = Effect.fnUntraced(function*({ folder, other, own, token, url }: Scene) {
  const machine = yield* other("machine")
  const [joined, newcomer, server] = [yield* other("joined"), yield* other("newcomer"), yield* other("server")]
  yield* Effect.promise(() => runLine(`muster login --server ${url} --token ${token}`, machine))
  const { output } = yield* Effect.promise(() => runLine("muster runtimes --format '{id} {provider}'", own))
  const variables = {
    SERVER: url,
    TOKEN: token,
    WORKSPACE: "home",
    RUNTIME: /(\S+) opencode/.exec(output)?.[1] ?? ""
  }
  const secrets = new Map<string, string>()

  const filled = (command: string) =>
    command.replaceAll(/https?:\/\/(muster|server)\.example(\.com)?(:\d+)?/g, url)
      .replaceAll(/\b(m[a-z]{2})_(…|TOKEN)/g, (shown, prefix) => secrets.get(prefix) ?? shown)
      .replace(/ join URL TOKEN$/, ` join ${url} ${secrets.get("mjt")}`).replace(/ KEY$/, " release-notes")
      .replace("--machine laptop", `--machine ${hostname()}`)
      .replace(/--port \d+/, "--port 0").replace(/--data \S+/, `--data ${join(folder, "data")}`)
      .replace(/(muster (?:dev|server))$/, "$1 --port 0").replace(/npm start$/, "npm start -- --port 0")
      // The machine of this test may have a manager of services.
      .replace(/ join .*/, "$& --no-service")

  const whose = (command: string) => {
    if (/ join /.test(command)) return joined
    if (/ --invite /.test(command)) return newcomer
    // A server signs its person in, so it has a home of its own.
    if (/\bnpm start|muster (dev|server)\b/.test(command)) return server
    return / daemon /.test(command) ? machine : own
  }

  return {
    /** A command as it is run, and the variables of the person or machine that runs it. */
    prepare: (command: string) => ({ line: filled(command), env: { ...whose(command), ...variables } }),
    /** Keeps the newest secret of each kind for later commands. */
    remember: (printed: string) => {
      for (const [shown, prefix] of printed.matchAll(secret)) secrets.set(prefix!, shown)
    }
  }
})

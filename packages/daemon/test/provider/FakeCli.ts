import { Effect } from "effect"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { folder, program } from "../process/Folder.ts"
import { report } from "../process/RollCall.ts"

/** The path of a recorded transcript. */
export const recorded = (name: string) => fileURLToPath(new URL(`recorded/${name}.txt`, import.meta.url))

/** What a fake CLI does when it is called with certain arguments. */
export interface Scene {
  /** Replays a recorded session: for each message with the recorded name, what the CLI wrote then. */
  readonly replay?: string
  /** Prints a recorded output. */
  readonly print?: string
  readonly stdout?: string
  readonly stderr?: string
  /** Reports to the roll call under this name and never ends. */
  readonly hang?: string
  /** The exit code; 0 unless told. */
  readonly exit?: number
  /** Any code, run last. */
  readonly code?: string
}

const player = `
const { readFileSync, appendFileSync } = require("node:fs")
const play = (file) => {
  const rest = readFileSync(file, "utf8").split("\\n").filter((line) => line !== "")
  const nameOf = (message) => message.method ?? message.request.subtype
  require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const sent = JSON.parse(line)
    const asked = JSON.parse((rest.shift() ?? "> {}").slice(2))
    if (nameOf(sent) !== nameOf(asked) || (asked.params?.cursor !== undefined && sent.params.cursor !== asked.params.cursor)) {
      console.error("unexpected " + line)
      process.exit(70)
    }
    while (rest.length > 0 && !rest[0].startsWith("> ")) {
      const [mark, text] = [rest[0][0], rest.shift().slice(2)]
      if (mark === "!") { console.error(text); continue }
      const message = JSON.parse(text)
      if ("id" in message && message.id === asked.id) message.id = sent.id
      console.log(JSON.stringify(message))
    }
  })
}`

/** Writes a fake CLI: a scene for each call it knows, usage and exit code 1 for any other. Its path. */
export const fakeCli = (name: string, scenes: Readonly<Record<string, Scene>>) =>
  Effect.flatMap(folder, (at) =>
    program(
      join(at, name),
      `${player}
      const called = process.argv.slice(2).join(" ")
      if (process.env.CALLS) appendFileSync(process.env.CALLS, called + "\\n")
      const act = {${
        Object.entries(scenes).map(([args, scene]) =>
          `${JSON.stringify(args)}() {
        ${scene.stdout === undefined ? "" : `process.stdout.write(${JSON.stringify(scene.stdout)})`}
        ${scene.print === undefined ? "" : `process.stdout.write(readFileSync(${JSON.stringify(scene.print)}))`}
        ${scene.stderr === undefined ? "" : `process.stderr.write(${JSON.stringify(scene.stderr)})`}
        ${scene.exit === undefined ? "" : `process.exitCode = ${scene.exit}`}
        ${scene.replay === undefined ? "" : `play(${JSON.stringify(scene.replay)})`}
        ${scene.hang === undefined ? "" : `setInterval(() => {}, 1000); ${report(scene.hang)}`}
        ${scene.code ?? ""}
      }`
        ).join(",")
      }}[called]
      if (act) act(); else { console.error("usage: ${name}"); process.exitCode = 1 }`
    ))

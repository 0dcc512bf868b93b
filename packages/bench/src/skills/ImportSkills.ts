import { Console, Effect, FileSystem, Schema } from "effect"
import { execFile, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { BenchFailure } from "../load/BenchFailure.ts"
import { median, round } from "../load/median.ts"

const main = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url))

const rounds = 5
const many = 100
/** Names that exist in the library. */
const taken = ["taken-1", "taken-2", "taken-3"]

const cli = `#!/bin/sh
case "$1" in --version) echo 1.0.0 ;; *) exit 1 ;; esac
`
const textOf = (name: string, more = "") => `---\nname: ${name}\ndescription: One of many\n---\n\nDo it.\n${more}`

const Imported = Schema.fromJsonString(
  Schema.Struct({ imported: Schema.Array(Schema.Json), refused: Schema.Array(Schema.Json) })
)

type Environment = Readonly<Record<string, string>>

/** `muster dev` of a person with one CLI, until it is online. It ends with the scope. */
const startDev = (env: Environment, data: string) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [main, "dev", "--port", "0", "--data", data], {
        env,
        stdio: ["ignore", "pipe", "inherit"]
      })
    ),
    (child) =>
      Effect.callback<void>((resume) => {
        if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
        child.once("exit", () => resume(Effect.void))
        child.kill("SIGTERM")
      })
  ).pipe(Effect.flatMap((child) =>
    Effect.callback<void, BenchFailure>((resume) => {
      let said = ""
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString()
        if (/^ {2}online +.*gemini/im.test(said)) resume(Effect.void)
      })
      child.once("exit", () => resume(Effect.fail(new BenchFailure({ message: `muster dev ended: ${said}` }))))
    })
  ))

/** The whole command, from its start to its end; refused items make its exit code another than 0. */
const importAll = (env: Environment) =>
  Effect.callback<string>((resume) => {
    execFile(process.execPath, [main, "skills", "import", "gemini", "--all", "--json"], { env }, (_, stdout) =>
      resume(Effect.succeed(stdout)))
  }).pipe(Effect.flatMap(Schema.decodeUnknownEffect(Imported)))

/** 100 skills in one call, 3 of them with existing names and 2 over a limit: the duration of `muster skills import`. */
export const importSkills = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const home = yield* fs.makeTempDirectoryScoped({ prefix: "muster-bench-" })
  const env: Environment = { PATH: "/usr/bin:/bin", HOME: home, SHELL: "", MUSTER_GEMINI_PATH: `${home}/gemini` }
  yield* fs.writeFileString(env["MUSTER_GEMINI_PATH"]!, cli, { mode: 0o755 })

  const skills = `${home}/.gemini/skills`
  const write = Effect.fnUntraced(function*(key: string, text: string, files = 2) {
    yield* fs.makeDirectory(`${skills}/${key}/docs`, { recursive: true })
    yield* fs.writeFileString(`${skills}/${key}/SKILL.md`, text)
    for (let file = 0; file < files; file++) yield* fs.writeFileString(`${skills}/${key}/docs/${file}.md`, `${file}\n`)
  })
  const lay = Effect.fnUntraced(function*(turn: number) {
    yield* fs.remove(skills, { recursive: true })
    for (const name of taken) yield* write(name, textOf(name))
    yield* write("long", textOf("long", "x".repeat(1024 * 1024)))
    yield* write("wide", textOf("wide"), 257)
    for (let n = 5; n < many; n++) yield* write(`skill-${n}`, textOf(`skill-${turn}-${n}`))
  })

  for (const name of taken) yield* write(name, textOf(name))
  yield* startDev(env, `${home}/data`)
  yield* importAll(env)

  const seconds: Array<number> = []
  for (let turn = 0; turn < rounds; turn++) {
    yield* lay(turn)
    const started = performance.now()
    const { imported, refused } = yield* importAll(env)
    seconds.push((performance.now() - started) / 1000)
    if (imported.length !== 95 || refused.length !== 5) {
      return yield* new BenchFailure({ message: `${imported.length} imported, ${refused.length} refused` })
    }
    yield* Console.error(`${imported.length} imported, ${refused.length} refused in ${round(seconds.at(-1)!)} s`)
  }
  return {
    bench: "import-skills",
    n: many,
    imported: 95,
    refused: 5,
    seconds: round(median(seconds)),
    slowest_seconds: round(Math.max(...seconds))
  }
}).pipe(Effect.scoped)

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { blocksOf } from "../src/page/Markdown.ts"
import { readText, root } from "../src/page/Repository.ts"
import { startScene } from "./support/Scene.ts"

/** A generator, a compiler and a server with a daemon, on a machine that may be busy. */
const timeout = 180_000

const generator = join(
  dirname(createRequire(import.meta.url).resolve("openapi-typescript/package.json")),
  "bin",
  "cli.js"
)

/** The program of the page. */
const program = () => blocksOf(readText("docs/http-api.md")).find(({ language }) => language === "ts")?.text ?? ""

const settings = {
  extends: join(root, "tsconfig.base.json"),
  compilerOptions: { types: ["node"], typeRoots: [join(root, "node_modules", "@types")], noEmit: true },
  files: ["list.ts"]
}

/** Runs a program and returns its exit code and both outputs. */
const ran = (folder: string, file: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
  Effect.promise(() =>
    new Promise<{ readonly code: unknown; readonly output: string }>((resolve) => {
      execFile(file, args, { cwd: folder, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : error.code, output: `${stdout}${stderr}` })
      })
    })
  )

/** A project with the program and what `npm install openapi-fetch` gives it. */
const makeProject = (folder: string) => {
  mkdirSync(folder)
  symlinkSync(fileURLToPath(new URL("../node_modules", import.meta.url)), join(folder, "node_modules"))
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }))
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings))
  writeFileSync(join(folder, "list.ts"), program())
}

describe("a typed client", () => {
  it.live(
    "P-07 made from /openapi.json compiles, lists runtimes and creates a task at a server",
    () =>
      Effect.gen(function*() {
        const scene = yield* startScene
        const project = join(scene.folder, "client")
        makeProject(project)
        const generated = yield* ran(project, process.execPath, [
          generator,
          `${scene.url}/openapi.json`,
          "-o",
          "muster.d.ts"
        ])
        assert.strictEqual(generated.code, 0, generated.output)

        const compile = ran(project, join(root, "node_modules", ".bin", "tsc"), ["--project", ".", "--pretty", "false"])
        assert.deepStrictEqual(yield* compile, { code: 0, output: "" })

        const variables = { SERVER: scene.url, TOKEN: scene.token, WORKSPACE: "home" }
        const listed = yield* ran(project, process.execPath, ["list.ts"], variables)
        assert.strictEqual(listed.code, 0, listed.output)
        assert.match(listed.output, /^online opencode .+$/m)
        assert.match(listed.output, /^online claude .+$/m)
        const [, task = ""] = /^queued ([0-9a-f-]{36})$/m.exec(listed.output) ?? []
        const answer = yield* Effect.promise(() =>
          fetch(`${scene.url}/api/tasks/${task}?wait=60`, {
            headers: { authorization: `Bearer ${scene.token}`, "x-workspace-slug": "home" }
          })
        )
        const ended: any = yield* Effect.promise(() => answer.json())
        assert.strictEqual(ended.status, "completed")

        // The types know the fields and what they have.
        const wrong = program().replace("prompt: \"say hello\"", "prompt: 7")
          .replace("{ provider }) =>", "{ nmae }) => nmae ??")
        writeFileSync(join(project, "list.ts"), wrong)
        const refused = yield* compile
        assert.notStrictEqual(refused.code, 0)
        assert.match(refused.output, /Property 'nmae' does not exist/)
        assert.match(refused.output, /'number' is not assignable to type 'string'/)
      }),
    timeout
  )
})

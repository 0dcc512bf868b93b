import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect } from "effect"
import { FileSystem } from "effect/FileSystem"
import { execFileSync, spawn } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { findSkills } from "../../src/skill/FindSkills.ts"
import { listSkills } from "../../src/skill/ListSkills.ts"
import { readBundle } from "../../src/skill/ReadBundle.ts"
import { skillRoots } from "../../src/skill/SkillHandler.ts"

/** The text of a `SKILL.md` with this front matter. */
export const skillText = (name: string, description = "what it does") =>
  `---\nname: ${name}\ndescription: ${description}\n---\n\n# ${name}\n`

/** A home that goes with the test, and what the daemon makes of it. */
export const makeHome = Effect.gen(function*() {
  const home = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "muster-skills-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
  const fs = yield* FileSystem
  const host = { HOME: home }
  return {
    home,
    write: (path: string, content: string | Uint8Array = skillText("x")) => {
      mkdirSync(dirname(join(home, path)), { recursive: true })
      writeFileSync(join(home, path), content)
    },
    /** A skill's folder whose name is no text. */
    unspelt: (path: string) => {
      const whole = Buffer.concat([Buffer.from(join(home, path)), Buffer.from([0xff])])
      mkdirSync(whole, { recursive: true })
      writeFileSync(Buffer.concat([whole, Buffer.from("/SKILL.md")]), skillText("x"))
    },
    /** A pipe with a writer, so that a reader does not block forever. */
    pipe: (path: string) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          mkdirSync(dirname(join(home, path)), { recursive: true })
          execFileSync("mkfifo", [join(home, path)])
          return spawn("sh", ["-c", "echo text > \"$0\"", join(home, path)], { stdio: "ignore" })
        }),
        (writer) => Effect.sync(() => writer.kill())
      ),
    /** Lets its owner run a file. */
    executable: (path: string) => chmodSync(join(home, path), 0o755),
    folder: (path: string) => mkdirSync(join(home, path), { recursive: true }),
    link: (path: string, target: string) => {
      mkdirSync(dirname(join(home, path)), { recursive: true })
      symlinkSync(join(home, target), join(home, path))
    },
    find: (path: string, max: number) => findSkills(fs, join(home, path), max),
    list: (provider: string, more: Record<string, string> = {}, max?: number) =>
      listSkills(fs, provider, skillRoots(provider, { ...host, ...more }), home, max),
    bundle: (provider: string, key: string) => readBundle(fs, provider, skillRoots(provider, host), home, key),
    refusal: (provider: string, key: string) =>
      readBundle(fs, provider, skillRoots(provider, host), home, key).pipe(
        Effect.flip,
        Effect.map(({ message }) => message)
      )
  }
}).pipe(Effect.provide(NodeFileSystem.layer))

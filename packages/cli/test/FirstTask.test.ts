import { assert, describe, it } from "@effect/vitest"
import { HostEnvironment } from "@muster/daemon"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { runMuster } from "./support/runMuster.ts"
import { ended, taskScene } from "./support/TaskScene.ts"
import { comparable, Secrets, type Step, stepsOf } from "./support/Tutorial.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 180_000

/** The words of the page in the language of the scripted model. */
const scripts: ReadonlyArray<readonly [string, string]> = [
  ["Write app.txt", "SCRIPT:write PATH=app.txt"],
  ["Think for long", "SCRIPT:slow"]
]

/** The same output as the page has it: paths, ids and times differ. */
const shown = (text: string, work: string) =>
  comparable(scripts.reduce((changed, [words, script]) => changed.replaceAll(script, words), text))
    .replaceAll(work, "project").replaceAll(/\b([0-9a-f]{8}|ID)\b/g, "TASK").replaceAll(/\d+\.\d s/g, "TIME")
    .replaceAll(/\([\w.-]+\)/g, "(vm)")

describe("the tutorials of the first task and of a build job", () => {
  it.live("T-40 every command works as the pages show it", () =>
    Effect.gen(function*() {
      const { daemonEnv, home, tasks, work } = yield* taskScene
      const owner = { ...daemonEnv, MUSTER_DATA: join(home, "daemon") }
      const secrets = new Secrets()
      let task = ""
      const run = ({ command, expected, who }: Step) =>
        Effect.gen(function*() {
          const env = who === "job" ? { ...owner, MUSTER_TOKEN: secrets.fill("mul_…") } : owner
          const words = command.match(/"[^"]*"|\S+/g)!.slice(1).map((word) => word.replaceAll("\"", "")).map((word) =>
            word === "project"
              ? work
              : word === "TASK"
              ? task.slice(0, 8)
              : scripts.find(([text]) => text === word)?.[1] ?? word
          )
          const { code, stderr, stdout } = yield* runMuster(words, { home, env }).pipe(
            Effect.provideService(HostEnvironment, env)
          )
          assert.strictEqual(code, 0, `${command}\n${stdout}${stderr}`)
          secrets.remember(stdout)
          task = /has task ([0-9a-f-]{36})/.exec(stdout)?.[1] ?? task
          assert.strictEqual(shown(stdout, work), shown(expected, work), command)
        })
      for (const step of stepsOf("first-task.md")) yield* run(step)
      for (const step of stepsOf("ci.md")) yield* run(step)
      assert.strictEqual(readFileSync(join(work, "app.txt"), "utf8"), "written by the agent\n")
      assert.deepInclude(yield* ended(tasks, task), { status: "cancelled", confirmed: true })
    }), testTimeout)
})

describe("muster run", () => {
  it.live("T-40 prints one event per line and exits with the code of how the task ended", () =>
    Effect.gen(function*() {
      const { daemonEnv: env, home, work } = yield* taskScene
      const run = (...args: ReadonlyArray<string>) =>
        runMuster(["run", "codex", ...args], { home, env }).pipe(Effect.provideService(HostEnvironment, env))
      const written = yield* run(`SCRIPT:write PATH=${join(work, "a.txt")}`, "--folder", work, "--follow", "--json")
      assert.strictEqual(written.code, 0, written.stderr)
      const items = written.stdout.trim().split("\n").map((line) => JSON.parse(line))
      assert.deepStrictEqual([items[0].type, items.at(-1).type], ["task", "end"])
      const offsets = items.flatMap(({ event }) => event === undefined ? [] : [event.offset])
      assert.deepStrictEqual(offsets, offsets.map((_, index) => index + 1))
      assert.strictEqual(items.at(-1).task.text, "I wrote the file.")

      const rejected = yield* run(
        `SCRIPT:write PATH=${join(work, "b.txt")}`,
        "--folder",
        work,
        "--policy",
        "none",
        "--follow"
      )
      assert.strictEqual(rejected.code, 10)
      assert.include(rejected.stdout, "rejected by the policy")
      const failed = yield* run("SCRIPT:fail", "--follow", "--json")
      assert.strictEqual(failed.code, 6)
      assert.strictEqual(JSON.parse(failed.stdout.trim().split("\n").at(-1)!).type, "end")
      const closed = yield* run("SCRIPT:hello", "--folder", home, "--follow")
      assert.strictEqual(closed.code, 6)
      assert.include(
        closed.stderr,
        `is not open to tasks: on that machine, its owner can run: muster folders add ${home}`
      )
      assert.strictEqual((yield* run("   ")).code, 2)
    }), testTimeout)
})

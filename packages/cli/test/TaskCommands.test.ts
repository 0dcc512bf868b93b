import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, readFileSync, realpathSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { startMemoryServer } from "./support/MemoryServer.ts"
import { makeHome, runMuster } from "./support/runMuster.ts"

/** A server with a Codex whose daemon claims nothing, so that tasks stay queued. */
const start = Effect.gen(function*() {
  const { owner, url, workspace } = yield* startMemoryServer
  yield* Effect.promise(() =>
    fetch(`${url}/api/daemon/register`, {
      method: "POST",
      body: JSON.stringify({
        workspace_id: workspace,
        daemon_id: "box",
        device_name: "box",
        runtimes: [{ name: "Codex (box)", type: "codex", version: "1.2.3" }]
      }),
      headers: { authorization: `Bearer ${owner.env.MUSTER_TOKEN}`, "content-type": "application/json" }
    })
  )
  const muster = (...args: ReadonlyArray<string>) => runMuster(args, owner)
  const json = (...args: ReadonlyArray<string>) =>
    Effect.map(muster(...args, "--json"), ({ stdout }) => JSON.parse(stdout))
  return {
    muster,
    json,
    typed: (stdin: string, ...args: ReadonlyArray<string>) => runMuster(args, { ...owner, stdin })
  }
})

const idsOf = ({ tasks }: { readonly tasks: ReadonlyArray<{ readonly id: string }> }) => tasks.map(({ id }) => id)

describe("muster run and muster tasks", () => {
  it.live("a task is created once per idempotency key, found by a prefix, explained, canceled and asked for again", () =>
    Effect.gen(function*() {
      const { json, muster, typed } = yield* start
      const empty = yield* muster("tasks")
      assert.deepStrictEqual([empty.code, empty.stdout], [0, ""])

      const first = ["run", "codex", "-", "--idempotency-key", "a", "--priority", "3", "--model", "m"]
      const { id, ...asked } = JSON.parse((yield* typed("from\nstdin", ...first, "--json")).stdout)
      assert.deepInclude(asked, { prompt: "from\nstdin", priority: 3, model: "m", status: "queued", policy: "all" })
      assert.include(
        (yield* typed("from\nstdin", ...first)).stdout,
        `has task ${id}\nnext:  follow it: muster tasks log`
      )
      const other = yield* typed("other", ...first)
      assert.strictEqual(other.code, 1)
      assert.include(other.stderr, "next:  use another key")

      const prefix = id.slice(0, 6)
      assert.strictEqual((yield* json("tasks", "show", prefix)).task.id, id)
      assert.match((yield* muster("tasks", "show", prefix)).stdout, /status +queued/)
      assert.match((yield* muster("explain", prefix)).stdout, /^It has been queued for \d s: Codex \(box\) .*\n$/)
      assert.strictEqual((yield* json("explain", id)).task.id, id)
      assert.deepStrictEqual((yield* muster("tasks", "log", prefix, "--json")).stdout, "")

      const early = yield* muster("tasks", "retry", prefix)
      assert.strictEqual(early.code, 1)
      assert.include(early.stderr, `muster tasks cancel ${id.slice(0, 8)}`)
      assert.strictEqual((yield* json("tasks", "cancel", prefix)).status, "cancelled")
      const again = yield* json("tasks", "retry", id)
      assert.deepInclude(again, { retry_of: id, prompt: "from\nstdin", status: "queued" })

      assert.deepStrictEqual(idsOf(yield* json("tasks")), [again.id, id])
      assert.deepStrictEqual(idsOf(yield* json("tasks", "list", "--status", "cancelled,failed")), [id])
      assert.deepStrictEqual(idsOf(yield* json("tasks", "--runtime", "codex", "--mine", "--status", "queued")), [
        again.id
      ])
      assert.match((yield* muster("tasks")).stdout, new RegExp(`${id.slice(0, 8)} +canceled +Codex .box. +.* +from`))

      const followed = yield* muster("tasks", "log", "-f", id, "--json")
      assert.strictEqual(followed.code, 9)
      assert.strictEqual(JSON.parse(followed.stdout.trim().split("\n").at(-1)!).type, "end")
    }))

  it.live("C-06 a wrong task, status, priority, prompt or runtime gets one sentence and its exit code", () =>
    Effect.gen(function*() {
      const { muster } = yield* start
      const refused: ReadonlyArray<readonly [number, RegExp, ReadonlyArray<string>]> = [
        [4, /there is no task "abcd"\nnext: {2}list them: muster tasks\n/, ["tasks", "show", "abcd"]],
        [4, /next: {2}list the tasks: muster tasks\n/, ["tasks", "show", "3f2a91c0-0000-4000-8000-000000000000"]],
        [4, /there is no task "abc"/, ["tasks", "cancel", "abc"]],
        [2, /status must be a list of queued, dispatched, /, ["tasks", "--status", "done"]],
        [2, /priority/, ["run", "codex", "x", "--priority", "11"]],
        [2, /larger than 64 KiB \(it has 65537 bytes\)/, ["run", "codex", "x".repeat(65_537)]],
        [4, /there is no runtime "pi"/, ["run", "pi", "x"]]
      ]
      for (const [code, sentence, args] of refused) {
        const outcome = yield* muster(...args)
        assert.match(outcome.stderr, sentence)
        assert.strictEqual(outcome.code, code, outcome.stderr)
        assert.strictEqual(outcome.stdout, "")
      }
    }))
})

describe("muster folders", () => {
  it.live("opens real folders, says which are gone, keeps notes, and refuses what the list cannot hold", () =>
    Effect.gen(function*() {
      const home = realpathSync(yield* makeHome)
      const list = join(home, ".muster", "task-folders")
      const muster = (...args: ReadonlyArray<string>) => runMuster(["folders", ...args], { home })
      const json = Effect.map(muster("list", "--json"), ({ stdout }) => JSON.parse(stdout).folders)
      for (const name of ["a", "line\nbreak", "space "]) mkdirSync(join(home, name))
      symlinkSync(join(home, "a"), join(home, "link"))
      writeFileSync(join(home, "file"), "")
      assert.strictEqual((yield* muster()).code, 0)

      assert.strictEqual((yield* muster("add", "~/link")).code, 0)
      assert.strictEqual((yield* muster("add", join(home, "a"))).code, 0)
      assert.strictEqual(readFileSync(list, "utf8"), `${home}/a\n`)
      assert.strictEqual(statSync(list).mode & 0o777, 0o600)
      for (const [name, code] of [["file", 4], ["none", 4], ["line\nbreak", 2], ["space ", 2]] as const) {
        const outcome = yield* muster("add", join(home, name))
        assert.strictEqual(outcome.code, code, outcome.stderr)
      }
      writeFileSync(list, `# mine\n${home}/a\n/gone\n`)
      assert.deepStrictEqual(yield* json, [{ folder: `${home}/a`, exists: true }, { folder: "/gone", exists: false }])
      assert.strictEqual((yield* muster("remove", "~/link")).code, 0)
      assert.strictEqual(readFileSync(list, "utf8"), "# mine\n/gone\n")
      assert.strictEqual((yield* muster("remove", "/gone")).code, 0)
      assert.strictEqual((yield* muster("remove", "/gone")).code, 4)
    }))
})

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { exitCodes } from "../src/failure/ExitCode.ts"
import { startMemoryServer } from "./support/MemoryServer.ts"
import { runMuster } from "./support/runMuster.ts"

const one = "https://git.example.org/team/one"
const two = "git@git.example.org:team/two.git"

const start = Effect.gen(function*() {
  const { owner, url, workspace } = yield* startMemoryServer
  const muster = (...args: ReadonlyArray<string>) => runMuster(args, owner)
  const json = (...args: ReadonlyArray<string>) =>
    Effect.map(muster(...args, "--json"), ({ code, stderr, stdout }) => {
      assert.strictEqual(code, 0, stderr)
      return JSON.parse(stdout)
    })
  /** Registers a runtime as a daemon does, and reports its list of models where one is given. */
  const call = (method: string, path: string, body: object) =>
    Effect.promise(() =>
      fetch(url + path, {
        method,
        body: JSON.stringify(body),
        headers: {
          authorization: `Bearer ${owner.env.MUSTER_TOKEN}`,
          "content-type": "application/json",
          "x-workspace-id": workspace
        }
      }).then((response) => response.json() as Promise<any>)
    )
  return { muster, json, call, workspace }
})

/** Registers a codex, whose list of models the server keeps. */
const startCodex = Effect.gen(function*() {
  const { call, workspace, ...scene } = yield* start
  const registered = yield* call("POST", "/api/daemon/register", {
    workspace_id: workspace,
    daemon_id: "box",
    device_name: "box",
    runtimes: [{ name: "Codex (box)", type: "codex", version: "1.2.3" }]
  })
  const runtime = registered.runtimes[0].id
  const report = Effect.fnUntraced(function*(...ids: ReadonlyArray<string>) {
    const asked = yield* call("POST", `/api/runtimes/${runtime}/models?fresh=1`, {})
    const models = ids.map((id) => ({ id, label: id }))
    yield* call("POST", `/api/daemon/runtimes/${runtime}/models/${asked.id}/result`, {
      status: "completed",
      models,
      supported: true
    })
  })
  return { ...scene, report }
})

describe("muster repos", () => {
  it.live("repositories are added, listed with their version, and removed, however they are spelled", () =>
    Effect.gen(function*() {
      const { json, muster } = yield* start
      const empty = yield* muster("repos")
      assert.deepStrictEqual([empty.code, empty.stdout, empty.stderr], [
        0,
        "",
        "Agents of Home may check out no repository.\nnext:  muster repos add URL\n"
      ])
      const added = yield* muster("repos", "add", one, two)
      assert.strictEqual(
        added.stdout,
        `Agents of Home may check out ${one} now\nAgents of Home may check out ${two} now\n`
      )
      assert.strictEqual(
        (yield* muster("repos", "add", `HTTPS://Git.Example.org/team/one.git`)).stdout,
        `${one} is on the list already\n`
      )
      assert.match(
        (yield* muster("repos", "list")).stdout,
        /^URL +ADDED BY +ADDED\nhttps:\S+ +Owner +(\d+ s ago|just now)\n/
      )
      const list = yield* json("repos")
      assert.deepStrictEqual(list.repositories.map(({ url }: any) => url), [one, two])
      assert.deepStrictEqual([list.max, list.repositories[0].added_by.name], [500, "Owner"])
      const { repositories } = yield* json("repos", "add", one)
      assert.deepStrictEqual(repositories.map(({ added, url }: any) => [url, added]), [[one, false]])
      assert.strictEqual(
        (yield* muster("repos", "remove", `${one}.git`)).stdout,
        `Agents of Home may no longer check out ${one}.git\n`
      )
      const after = yield* json("repos")
      assert.strictEqual(after.repositories.length, 1)
      assert.notStrictEqual(after.version, list.version)
      assert.deepStrictEqual(yield* json("repos", "remove", two), { removed: [two] })
    }))

  it.live("a URL that names no repository, and one that is not on the list, get one sentence and the next step", () =>
    Effect.gen(function*() {
      const { json, muster } = yield* start
      const bad = yield* muster("repos", "add", one, "https://ada:secret@git.example.org/team/two")
      assert.deepStrictEqual([bad.code, bad.stdout, bad.stderr], [
        exitCodes.usage,
        "",
        "error: nothing was added: a repository URL contains no user, password or token: machines use their own git " +
        "credentials\nnext:  use the URL that git clone takes: muster repos add https://git.example.org/team/project\n"
      ])
      assert.deepStrictEqual((yield* json("repos")).repositories, [])
      const absent = yield* muster("repos", "remove", one)
      assert.deepStrictEqual([absent.code, absent.stderr], [
        exitCodes.notFound,
        "error: repository not found\nnext:  list the repositories: muster repos\n"
      ])
    }))

  it.live("the settings of the workspace are shown and changed", () =>
    Effect.gen(function*() {
      const { json, muster } = yield* start
      assert.match((yield* muster("workspaces", "settings")).stdout, /^co-author +on +commits of agents name them/m)
      assert.match((yield* muster("workspaces", "settings", "--co-author", "off")).stdout, /^co-author +off /m)
      assert.deepStrictEqual(yield* json("workspaces", "settings"), { co_authored_by_enabled: false })
      assert.strictEqual((yield* muster("workspaces", "settings", "--co-author", "maybe")).code, exitCodes.usage)
    }))
})

describe("muster models --default", () => {
  it.live("a default model is kept on the server, marked in the list and shown with the runtime, until it is removed", () =>
    Effect.gen(function*() {
      const { json, muster, report } = yield* startCodex
      yield* report("gpt-5", "gpt-5-mini")
      const set = yield* muster("models", "codex", "--default", "gpt-5-mini")
      assert.deepStrictEqual([set.code, set.stderr, set.stdout], [
        0,
        "",
        "Tasks of Codex (box) use gpt-5-mini if they name no model\n"
      ])
      const listed = yield* muster("models", "codex")
      assert.match(listed.stdout, /^gpt-5 +gpt-5 +–$/m)
      assert.match(listed.stdout, /^gpt-5-mini +gpt-5-mini +– +default of tasks$/m)
      const document = yield* json("models", "codex")
      assert.deepInclude(document, { default_model: "gpt-5-mini", default_model_listed: true })
      assert.strictEqual((yield* json("runtimes", "show", "codex")).default_model, "gpt-5-mini")
      assert.match((yield* muster("runtimes", "show", "codex")).stdout, /^ {2}default model +gpt-5-mini$/m)
      const none = yield* muster("models", "codex", "--no-default")
      assert.strictEqual(none.stdout, "Codex (box) has no default model now: its CLI decides\n")
      assert.deepInclude(yield* json("models", "codex"), { default_model: null, default_model_listed: null })
    }))

  it.live("a default that the list does not have is kept and reported wherever it is shown", () =>
    Effect.gen(function*() {
      const { json, muster, report } = yield* startCodex
      const first = yield* muster("models", "codex", "--default", "gpt-4")
      // Nothing is known of its list yet.
      assert.deepStrictEqual([first.code, first.stderr], [0, ""])
      yield* report("gpt-5")
      const note = "gpt-4 is not in the list of Codex (box): tasks that name no model still ask for it, and may be " +
        "refused. Choose another default model, or none"
      const listed = yield* muster("models", "codex")
      assert.include(listed.stdout, `\n${note}\n`)
      assert.strictEqual((yield* muster("runtimes", "show", "codex")).stderr, `note:  ${note}\n`)
      assert.deepInclude(yield* json("models", "codex"), { default_model: "gpt-4", default_model_listed: false })
      assert.strictEqual((yield* json("models", "codex", "--default", "gpt-4")).note, note)
    }))

  it.live("contradicting flags are refused", () =>
    Effect.gen(function*() {
      const { muster } = yield* startCodex
      const both = yield* muster("models", "codex", "--default", "gpt-5", "--no-default")
      assert.deepStrictEqual([both.code, both.stderr.split("\n")[0]], [
        exitCodes.usage,
        "error: --default and --no-default exclude each other"
      ])
      const empty = yield* muster("models", "codex", "--default", "")
      assert.deepStrictEqual([empty.code, empty.stderr.split("\n")[0]], [
        exitCodes.usage,
        "error: --default needs a model's id"
      ])
    }))
})

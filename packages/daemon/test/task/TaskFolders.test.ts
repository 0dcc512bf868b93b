import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { mkdir, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { agentEnvironment } from "../../src/task/AgentEnvironment.ts"
import { folderList, listedFolders, resolveFolder } from "../../src/task/TaskFolders.ts"
import { folder } from "../process/Folder.ts"

const place = Effect.gen(function*() {
  const root = yield* folder
  yield* Effect.promise(async () => {
    await mkdir(join(root, "open", "project"), { recursive: true })
    await mkdir(join(root, "secret"))
    await mkdir(join(root, "open-too"))
    await writeFile(join(root, "open", "file"), "")
    await symlink(join(root, "secret"), join(root, "open", "way-out"))
    await symlink(join(root, "open", "project"), join(root, "way-in"))
  })
  return root
})

const refusal = (wanted: string, listed: ReadonlyArray<string>) =>
  Effect.map(Effect.flip(resolveFolder(wanted, listed)), ({ message }) => message)

describe("the folders of tasks", () => {
  it.live("a listed folder and those below it are open, by whatever path", () =>
    Effect.gen(function*() {
      const root = yield* place
      const listed = [join(root, "open")]
      assert.strictEqual(yield* resolveFolder(join(root, "open"), listed), join(root, "open"))
      assert.strictEqual(yield* resolveFolder(join(root, "way-in"), listed), join(root, "open", "project"))
      assert.strictEqual(
        yield* resolveFolder(join(root, "open", "x", "..", "project"), listed),
        join(root, "open", "project")
      )
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.live("nothing else is: symbolic links, .., a folder with a similar name, a file, a relative path, NUL", () =>
    Effect.gen(function*() {
      const root = yield* place
      const listed = [join(root, "open")]
      for (const out of ["open/way-out", "open/../secret", "open-too", "secret", ""]) {
        assert.include(yield* refusal(join(root, out), listed), "muster folders add")
      }
      assert.include(yield* refusal(join(root, "open", "file"), listed), "is not a folder")
      assert.include(yield* refusal("open", listed), "absolute path")
      assert.include(yield* refusal(join(root, "open\0"), listed), "absolute path")
      assert.include(yield* refusal(join(root, "nowhere"), listed), "there is no folder")
      assert.include(yield* refusal(join(root, "open"), []), "muster folders add")
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.live("the list is read again for each task; comments and relative lines are left out", () =>
    Effect.gen(function*() {
      const root = yield* folder
      assert.deepStrictEqual(yield* listedFolders(root, ["/a"]), ["/a"])
      yield* Effect.promise(() => writeFile(join(root, folderList), "# mine\n/b\n\nrelative\n/a\n"))
      assert.deepStrictEqual(yield* listedFolders(root, ["/a"]), ["/a", "/b"])
    }).pipe(Effect.provide(NodeFileSystem.layer)))
})

const own = {
  MUSTER_SERVER_URL: "http://server",
  MUSTER_TASK: "t:1",
  MUSTER_TASK_OWNER: "o",
  MUSTER_TASK_SLOT: "0",
  MUSTER_TASK_TOKEN: "mtk_secret_of_the_task"
}

describe("the environment of an agent", () => {
  it("T-36 holds the variables of the list, those of the machine's owner and Muster's own, and nothing else", () => {
    const { env, secrets } = agentEnvironment({
      host: {
        PATH: "/bin",
        LC_ALL: "C",
        OPENAI_API_KEY: "sk-long-enough",
        ANTHROPIC_API_KEY: "also-long-enough",
        AWS_SECRET_ACCESS_KEY: "no",
        MUSTER_TOKEN: "mul_never",
        MUSTER_DATA: "/data",
        SSH_AUTH_SOCK: "/s"
      },
      path: "/opt/agent/bin/agent",
      listed: ["OPENAI_API_KEY", "ANTHROPIC_*", "MUSTER_TOKEN"],
      own
    })
    assert.deepStrictEqual(env, {
      PATH: "/opt/agent/bin:/bin",
      LC_ALL: "C",
      OPENAI_API_KEY: "sk-long-enough",
      ANTHROPIC_API_KEY: "also-long-enough",
      NO_COLOR: "1",
      TERM: "dumb",
      ...own
    })
    assert.deepStrictEqual(secrets, ["sk-long-enough", "also-long-enough", "mtk_secret_of_the_task"])
  })

  it.prop("T-36 no variable of the daemon that is not listed gets through", [
    Schema.Record(Schema.String, Schema.String)
  ], ([host]) => {
    const { env } = agentEnvironment({ host, path: "/bin/agent", listed: ["A*"], own })
    const added = new Set([...Object.keys(own), "PATH", "NO_COLOR", "TERM"])
    for (const name of Object.keys(env)) {
      if (!added.has(name)) {
        assert.isTrue(name.startsWith("A") || /^(LC_|XDG_)/.test(name) || name in { HOME: 1, USER: 1, LANG: 1 })
      }
    }
  })
})

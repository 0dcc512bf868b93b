import { assert, describe, it } from "@effect/vitest"
import { freshDatabase } from "@muster/store-suite"
import { Effect, Fiber, Redacted, Ref, Schema } from "effect"
import { execFile } from "node:child_process"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { constants, gzipSync, zstdDecompressSync } from "node:zlib"
import { fillByApi, filledServer, homeOf, kept, startOn } from "./support/DataScene.ts"
import { calls, startReplica } from "./support/Replica.ts"
import { makeHome, runMuster } from "./support/runMuster.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 300_000

const folder = new URL("data/", import.meta.url)

/** The releases whose data are kept. */
const releases = readdirSync(folder).flatMap((name) => name.endsWith(".json") ? [name.slice(0, -5)] : [])

const Named = Schema.Struct({ name: Schema.String })
const Ready = Schema.Struct({ status: Schema.String, checks: Schema.Record(Schema.String, Schema.String) })

/** Renames the owner's workspace to Acme 1, Acme 2, … until it is interrupted; the number of the last acknowledged name. */
const startRenaming = Effect.fnUntraced(function*(server: { readonly token: string; readonly url: string }) {
  const workspace = yield* homeOf(server)
  const renamed = yield* Ref.make(0)
  const rename = Effect.gen(function*() {
    const next = (yield* Ref.get(renamed)) + 1
    const call = calls(server.token, workspace)
    yield* call(Named, "PATCH", `${server.url}/api/workspaces/${workspace}`, { name: `Acme ${next}` })
    yield* Ref.set(renamed, next)
  })
  const fiber = yield* Effect.forkScoped(Effect.forever(rename))
  return { last: Ref.get(renamed), end: Fiber.interrupt(fiber) }
})

/** PostgreSQL's commands in the page about deployment below this heading. */
const recipe = (heading: string) => {
  const page = readFileSync(new URL("../../../docs/deploy.md", import.meta.url), "utf8")
  const section = page.slice(page.indexOf(`\n## ${heading}\n`)).slice(1).split(/\n## /)[0]!
  return [...section.matchAll(/`(pg_\w+ [^`]+)`/g)].map(([, command]) => command!)
}

const runShell = (command: string, cwd: string, env: Readonly<Record<string, string>>) =>
  Effect.callback<string>((resume) => {
    execFile(
      "sh",
      ["-ec", command],
      { cwd, env: { PATH: process.env["PATH"], ...env } },
      (error, _, stderr) =>
        resume(error === null ? Effect.succeed("done") : Effect.succeed(`${error.message}\n${stderr}`))
    )
  })

describe("backups", () => {
  it.live(
    "P-05 a server that is used is saved as of one moment; with it, another data folder has everything",
    () =>
      Effect.gen(function*() {
        const home = yield* makeHome
        const { here, server } = yield* filledServer(home)
        const before = yield* kept(server)
        assert.deepStrictEqual(before.tasks.map(({ status }) => status), ["cancelled"])
        assert.deepStrictEqual([before.runtimes, before.files, before.invitations].map(({ length }) => length), [
          1,
          1,
          1
        ])
        const file = `${home}/backup.tar.gz`
        const renaming = yield* startRenaming(server)
        const earliest = yield* Effect.repeat(renaming.last, { until: (last) => last > 0 })
        const saved = yield* runMuster(["backup", file, "--json"], here)
        assert.strictEqual(saved.code, 0, saved.stderr)
        const latest = (yield* renaming.last) + 1
        yield* renaming.end

        const again = yield* runMuster(["backup", file], here)
        assert.strictEqual(again.code, 2)
        assert.match(again.stderr, /backup\.tar\.gz exists already/)
        const inUse = yield* runMuster(["restore", file, "--data", `${home}/data`], here)
        assert.strictEqual(inUse.code, 8)
        assert.match(inUse.stderr, /is in use by another server/)

        const restored = yield* runMuster(["restore", file, "--data", `${home}/restored`], here)
        assert.strictEqual(restored.code, 0, restored.stderr)
        const twice = yield* runMuster(["restore", file, "--data", `${home}/restored`], here)
        assert.strictEqual(twice.code, 8)
        assert.match(twice.stderr, /has a database already, which is never replaced/)

        const second = yield* startOn(`${home}/restored`)
        assert.strictEqual(second.token, server.token)
        const { workspaces: [first, ...others], ...rest } = yield* kept(second)
        const { workspaces: [, ...othersBefore], ...restBefore } = before
        assert.deepStrictEqual([others, rest], [othersBefore, restBefore])
        const number = Number(/^Acme (\d+)$/.exec(first!["name"])?.[1])
        assert.isAtLeast(number, earliest)
        assert.isAtMost(number, latest)
        assert.deepStrictEqual(readdirSync(`${home}/data`).filter((name) => name.startsWith("backup")), [])
      }),
    testTimeout
  )

  it.live(
    "P-05 a PostgreSQL that is used is saved and restored by the documented commands",
    () =>
      Effect.gen(function*() {
        const home = yield* makeHome
        const urls = { DATABASE_URL: yield* freshDatabase, NEW_DATABASE_URL: yield* freshDatabase }
        const env = { HOME: home, DATABASE_URL: Redacted.value(urls.DATABASE_URL) }
        const server = yield* startReplica(env, "one")
        yield* fillByApi(server)
        const before = yield* kept(server)
        const renaming = yield* startRenaming(server)
        yield* Effect.repeat(renaming.last, { until: (last) => last > 0 })
        const refused = yield* runMuster(["backup", `${home}/backup`], {
          home,
          env: { MUSTER_SERVER_URL: server.url, MUSTER_TOKEN: server.token }
        })
        assert.match(refused.stderr, /data are in PostgreSQL.*\nnext:.*pg_dump/)

        const commands = recipe("Back up PostgreSQL")
        assert.lengthOf(commands, 2)
        const shell = { ...env, NEW_DATABASE_URL: Redacted.value(urls.NEW_DATABASE_URL) }
        for (const command of commands) assert.strictEqual(yield* runShell(command, home, shell), "done")
        yield* renaming.end
        assert.isTrue(existsSync(`${home}/muster.dump`))

        const second = yield* startReplica({ HOME: home, DATABASE_URL: shell.NEW_DATABASE_URL }, "two")
        const { workspaces: [first, ...others], ...rest } = yield* kept({ url: second.url, token: server.token })
        const { workspaces: [, ...othersBefore], ...restBefore } = before
        assert.deepStrictEqual([others, rest], [othersBefore, restBefore])
        assert.match(first!["name"], /^Acme \d+$/)
      }),
    testTimeout
  )

  it.live.each(releases)(
    "P-05 the data of %s are restored and upgraded",
    (release) =>
      Effect.gen(function*() {
        const home = yield* makeHome
        const params = { [constants.ZSTD_d_windowLogMax]: 27 }
        const tar = zstdDecompressSync(readFileSync(new URL(`${release}.tar.zst`, folder)), { params })
        writeFileSync(`${home}/backup.tar.gz`, gzipSync(tar, { level: 1 }))
        const restored = yield* runMuster(["restore", `${home}/backup.tar.gz`, "--data", `${home}/data`, "--json"], {
          home
        })
        assert.strictEqual(restored.code, 0, restored.stderr)
        assert.strictEqual(JSON.parse(restored.stdout).muster, release)
        const server = yield* startOn(`${home}/data`)
        const { checks, status } = yield* calls(server.token)(Ready, "GET", `${server.url}/readyz`)
        assert.deepStrictEqual([status, checks["migrations"]], ["ok", "ok"])
        const expected = JSON.parse(readFileSync(new URL(`${release}.json`, folder), "utf8"))
        assert.deepStrictEqual(yield* kept(server), expected)
      }),
    testTimeout
  )
})

// @ts-check
import { spawn } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { bundledNode, root, toolEnvironment } from "../../install.mjs"
import { manifestOf } from "../../packages.mjs"
import { run } from "./run.mjs"

const folder = join(tmpdir(), `muster-executable-${process.pid}`)
const [home, releases] = [join(folder, "home"), join(folder, "releases")]
const name = `muster-${process.platform}-${process.arch}`
const { version } = manifestOf("cli")
const next = "9.9.9"
const program = join(folder, "muster")

/** No Node is on this PATH, and no program of this machine but a shell for the agent CLI. */
const env = { HOME: home, PATH: join(folder, "clis"), SHELL: "/bin/false", MUSTER_LOCAL_PORT: "0" }

const muster = (/** @type {ReadonlyArray<string>} */ ...args) => run(program, args, { cwd: folder, env })

const exampleCli = () => {
  mkdirSync(env.PATH)
  const text = "#!/bin/sh\n[ \"$1\" = --version ] && echo 9.9.9 || printf 'fake/one\\nfake/two\\n'\n"
  writeFileSync(join(env.PATH, "opencode"), text, { mode: 0o755 })
}

/** Waits until the daemon of this version is online: it deregistered when the one before it ended. */
const online = async (/** @type {string} */ released) => {
  for (;;) {
    const { runtimes } = JSON.parse(await muster("runtimes", "--json"))
    const isIt = (/** @type {any} */ { metadata, status }) => status === "online" && metadata.cli_version === released
    if (runtimes.some(isIt)) return
  }
}

/** Writes a release: `npm run executable` does the same after a build. */
const release = (/** @type {string} */ dist, /** @type {string} */ released) =>
  run(
    bundledNode(),
    [join(root, "scripts/sea.mjs"), "--dist", dist, "--version", released, "--out", join(releases, `v${released}`)],
    { cwd: root, env: toolEnvironment() }
  )

/** The same build with another version in it. */
const nextDist = (/** @type {string} */ dist) => {
  const copy = join(folder, "dist")
  cpSync(dist, copy, { recursive: true })
  for (const file of readdirSync(copy).filter((file) => file.endsWith(".js"))) {
    const text = readFileSync(join(copy, file), "utf8")
    writeFileSync(join(copy, file), text.replaceAll(`\`${version}\``, `\`${next}\``))
  }
  return copy
}

/** @type {import("node:http").Server} */
let site

/** Serves the releases, as the host of a project's releases does. */
const startSite = () =>
  new Promise((/** @type {(url: string) => void} */ resolve) => {
    site = createServer(({ url = "" }, response) => {
      const file = join(releases, url)
      if (existsSync(file)) response.end(readFileSync(file))
      else response.writeHead(404).end()
    })
    site.listen(0, "127.0.0.1", () => {
      const address = site.address()
      resolve(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`)
    })
  })

/** Starts `muster ARGS` and resolves to what ends it, once it has printed this. */
const start = async (/** @type {RegExp} */ ready, /** @type {ReadonlyArray<string>} */ ...args) => {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] })
  const ended = new Promise((resolve) => child.on("exit", resolve))
  let printed = ""
  child.stderr.on("data", (chunk) => (printed += chunk))
  for await (const line of createInterface({ input: child.stdout })) {
    printed += `${line}\n`
    if (ready.test(printed)) {
      // It may go on printing.
      child.stdout.resume()
      return { printed, ended, end: () => (child.kill("SIGTERM"), ended) }
    }
  }
  throw new Error(`muster ${args.join(" ")} did not start:\n${printed}`)
}

/** The tests of the executable. `npm run build` must have run. */
export const describeExecutable = () =>
  describe("the single executable", { timeout: 600_000 }, () => {
    beforeAll(async () => {
      mkdirSync(home, { recursive: true })
      exampleCli()
      const dist = join(root, "packages/cli/dist")
      await release(dist, version)
      await release(nextDist(dist), next)
      cpSync(join(releases, `v${version}`, name), program)
    }, 600_000)
    afterAll(() => {
      site?.close()
      rmSync(folder, { recursive: true, force: true })
    })

    it("P-03 runs with an empty home and no Node on PATH, and goes to the next release and back", async () => {
      assert.strictEqual(await muster("--version"), `muster v${version}\n`)
      const [serverData, daemonData] = [join(folder, "server"), join(folder, "daemon")]
      const server = await start(/server is up/, "server", "--host", "127.0.0.1", "--port", "0", "--data", serverData)
      const url = /is up: (http:\/\/[\d.:]+)/.exec(server.printed)?.[1] ?? ""
      const access = {
        MUSTER_SERVER_URL: url,
        MUSTER_TOKEN: readFileSync(join(serverData, "token"), "utf8").trim(),
        MUSTER_RELEASES_URL: await startSite()
      }
      Object.assign(env, access)
      try {
        assert.include(await (await fetch(url)).text(), "<div id=\"root\">")
        assert.include(await (await fetch(`${url}/help/second-machine.html`)).text(), "Tutorial: a second machine")
        const daemon = await start(/online\s+opencode/, "daemon", "--data", daemonData)
        const { models } = JSON.parse(await muster("models", "opencode", "--json"))
        assert.deepStrictEqual(models.map((/** @type {{ id: string }} */ { id }) => id), ["fake/one", "fake/two"])
        for (const target of [next, version]) {
          const done = JSON.parse(await muster("update", "opencode", "--to", target, "--json"))
          assert.deepInclude(done, { status: "completed", output: `Updated to ${target}` })
          assert.strictEqual(await muster("--version"), `muster v${target}\n`)
          // The daemon restarts as the new program: it answers, and its process has ended before.
          await daemon.ended
          await online(target)
          assert.include(await muster("models", "opencode", "--fresh", "--json"), "fake/two")
        }
      } finally {
        await muster("daemon", "stop", "--data", daemonData).catch(() => undefined)
        await server.end()
      }
    })
  })

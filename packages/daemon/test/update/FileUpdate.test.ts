import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { createHash } from "node:crypto"
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { fileUpdate, programName } from "../../src/update/FileUpdate.ts"
import { folder } from "../process/Folder.ts"

const name = programName(process.platform, process.arch)
const program = (version: string) => `#!/bin/sh\necho ${version}\n`
const sum = (text: string) => createHash("sha256").update(text).digest("hex")

/** Pages by path; `→` and an address redirects; `stall` sends only the first half. */
const serve = (pages: Readonly<Record<string, string>>, stall = "") =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: string; readonly close: () => void; readonly stalled: Promise<void> }>((resume) => {
      let tell: () => void
      const stalled = new Promise<void>((resolve) => tell = resolve)
      const server = createServer(({ url = "" }, response) => {
        const page = pages[url]
        if (url === stall) {
          response.write(page!.slice(0, 10), () => tell())
          return
        }
        if (page?.startsWith("→") === true) return response.writeHead(302, { location: page.slice(1) }).end()
        response.writeHead(page === undefined ? 404 : 200).end(page)
      })
      server.listen(0, "127.0.0.1", () => {
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        resume(Effect.succeed({ url, close: () => server.close().closeAllConnections(), stalled }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

/** An executable of version 1.0.0, and the content of a release of 2.0.0. */
const startMachine = Effect.fnUntraced(
  function*(release: { readonly program: string; readonly sums: string }, stall = "") {
    const path = `${yield* folder}/muster`
    writeFileSync(path, program("1.0.0"))
    chmodSync(path, 0o755)
    const pages = { [`/v2.0.0/${name}`]: release.program, "/v2.0.0/SHA256SUMS": release.sums }
    const { stalled, url } = yield* serve(pages, stall)
    const update = fileUpdate({ host: { PATH: process.env["PATH"] }, path, releases: url })
    return { path, update, stalled, contents: () => readFileSync(path, "utf8") }
  }
)

const refused = Effect.fnUntraced(function*(
  machine: Effect.Success<ReturnType<typeof startMachine>>,
  target: string,
  words: RegExp
) {
  assert.match((yield* Effect.flip(machine.update(target))).message, words)
  assert.strictEqual(machine.contents(), program("1.0.0"))
  assert.isFalse(existsSync(`${machine.path}.new`))
})

describe("updating a single file", () => {
  it("P-03 asks for the name that the build of each system has", () => {
    assert.deepStrictEqual(
      ["linux", "darwin", "win32"].map((platform) => programName(platform, "x64")),
      ["muster-linux-x64", "muster-darwin-x64", "muster-win32-x64.exe"]
    )
  })

  it.live("S-05 replaces it when checksum and version are right, and keeps the old one", () =>
    Effect.gen(function*() {
      const fresh = program("2.0.0")
      const { contents, path, update } = yield* startMachine({ program: fresh, sums: `${sum(fresh)}  ${name}\n` })
      yield* update("2.0.0")
      assert.strictEqual(contents(), fresh)
      assert.strictEqual(readFileSync(`${path}.previous`, "utf8"), program("1.0.0"))
      assert.isFalse(existsSync(`${path}.new`))
    }))

  it.live("S-05 a wrong or missing checksum, or a missing release, is a failure that changes nothing", () =>
    Effect.gen(function*() {
      const wrong = yield* startMachine({ program: program("2.0.0"), sums: `${sum("else")}  ${name}\n` })
      yield* refused(wrong, "2.0.0", /^the checksum of muster-.* is wrong: [0-9a-f]{64}, not [0-9a-f]{64}$/)
      yield* refused(wrong, "3.0.0", /SHA256SUMS answers 404$/)
      const unlisted = yield* startMachine({ program: program("2.0.0"), sums: `${sum("x")}  other\n` })
      yield* refused(unlisted, "2.0.0", /SHA256SUMS does not list muster-/)
    }))

  it.live("S-05 one that has another version, or cannot run, is not installed", () =>
    Effect.gen(function*() {
      const other = program("2.0.0-rc.1")
      const machine = yield* startMachine({ program: other, sums: `${sum(other)}  ${name}\n` })
      yield* refused(machine, "2.0.0", /^the new muster reports the version "2\.0\.0-rc\.1", not 2\.0\.0$/)
      const broken = "#!/bin/sh\necho no such library >&2\nexit 127\n"
      const unable = yield* startMachine({ program: broken, sums: `${sum(broken)}  ${name}\n` })
      yield* refused(unable, "2.0.0", /^the new muster --version ended with exit code 127: no such library$/)
    }))

  it.live("S-05 an interrupted update leaves no files", () =>
    Effect.gen(function*() {
      const fresh = program("2.0.0")
      const machine = yield* startMachine({ program: fresh, sums: `${sum(fresh)}  ${name}\n` }, `/v2.0.0/${name}`)
      const fiber = yield* Effect.forkChild(machine.update("2.0.0"), { startImmediately: true })
      yield* Effect.promise(() => machine.stalled)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
      assert.strictEqual(machine.contents(), program("1.0.0"))
      assert.isFalse(existsSync(`${machine.path}.new`))
    }))

  it.live("S-05 follows a bounded number of redirects, if each address is trusted", () =>
    Effect.gen(function*() {
      const fresh = program("2.0.0")
      const sums = `${sum(fresh)}  ${name}\n`
      const storage = yield* serve({ "/a/program": fresh, "/sums": "→/a/sums", "/a/sums": sums })
      const machine = yield* startMachine({ program: `→${storage.url}/a/program`, sums: `→${storage.url}/sums` })
      yield* machine.update("2.0.0")
      assert.strictEqual(machine.contents(), fresh)

      const away = yield* startMachine({ program: "→http://releases.example/x", sums })
      yield* refused(
        away,
        "2.0.0",
        /redirects to http:\/\/releases\.example\/x, which is neither https nor on this machine$/
      )
      const around = yield* startMachine({ program: fresh, sums: "→SHA256SUMS" })
      yield* refused(around, "2.0.0", /redirects too often$/)
    }))

  it.live("S-05 goes through the environment's proxy", () =>
    Effect.gen(function*() {
      const path = `${yield* folder}/muster`
      const update = (host: Record<string, string>) =>
        Effect.map(
          Effect.flip(fileUpdate({ host, path, releases: "https://releases.example" })("2.0.0")),
          ({ message }) => message
        )
      const seen: Array<string> = []
      const proxy = yield* Effect.acquireRelease(
        Effect.callback<Server>((resume) => {
          const server = createServer()
          server.on("connect", ({ url }, socket) => {
            seen.push(url!)
            socket.end("HTTP/1.1 403 Forbidden\r\n\r\n")
          })
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close().closeAllConnections())
      )
      const { port } = proxy.address() as AddressInfo
      assert.match(
        yield* update({ HTTPS_PROXY: `http://127.0.0.1:${port}` }),
        /SHA256SUMS cannot be read through the proxy 127\.0\.0\.1:\d+: /
      )
      assert.deepStrictEqual(seen, ["releases.example:443"])
      assert.match(yield* update({ HTTPS_PROXY: "socks5://127.0.0.1:1" }), /^the proxy's address /)
    }))

  it.live("S-05 fetches releases only over TLS or from this machine", () =>
    Effect.gen(function*() {
      const from = (releases: string | undefined) =>
        Effect.flip(fileUpdate({ host: {}, path: "/x/muster", releases })("2.0.0"))
      assert.match((yield* from("http://releases.example")).message, /neither https nor on this machine/)
      assert.match((yield* from("http://127.0.0.1.example/x")).message, /neither https nor on this machine/)
      assert.match((yield* from(undefined)).message, /^set MUSTER_RELEASES_URL /)
    }))
})

import { assert, describe, it } from "@effect/vitest"
import { RedisConnection } from "@muster/store-redis"
import { Effect, Layer, Redacted } from "effect"
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { tooOld } from "../src/connection/Version.ts"
import { ownServer, replica } from "./Scene.ts"

const bulk = (text: string) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`

const fields = (version: string): ReadonlyArray<string> => ["server", "redis", "version", version, "mode", "standalone"]

/** The answers of this version of Redis to a connecting client, from its documentation: no Redis 6 is available. */
const answers = (version: string, words: ReadonlyArray<string>): string => {
  const [command = "", argument] = words.map((word) => word.toLowerCase())
  switch (command) {
    case "hello":
      if (Number(version.split(".")[0]) < 6) return "-ERR unknown command `HELLO`, with args beginning with: \r\n"
      return argument === "3"
        ? `%${fields(version).length / 2}\r\n${fields(version).map(bulk).join("")}`
        : `*${fields(version).length}\r\n${fields(version).map(bulk).join("")}`
    case "info":
      return bulk(`# Server\r\nredis_version:${version}\r\nredis_mode:standalone\r\nloading:0\r\nrole:master\r\n`)
    case "client":
      return "-ERR Unknown subcommand or wrong number of arguments for 'SETINFO'. Try CLIENT HELP.\r\n"
    default:
      return "+OK\r\n"
  }
}

/** A server that answers like this version of Redis while a client connects. */
const redisOf = (version: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = createServer((socket) => {
        let text = ""
        socket.on("error", () => socket.destroy())
        socket.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk
          // Commands of words without line breaks: *2 $5 hello $1 3
          for (let found; (found = /^\*(\d+)\r\n/.exec(text)) !== null;) {
            const lines = text.slice(found[0].length).split("\r\n")
            const length = Number(found[1]) * 2
            if (lines.length <= length) return
            text = lines.slice(length).join("\r\n")
            socket.write(answers(version, lines.slice(0, length).filter((_, i) => i % 2 === 1)))
          }
        })
      }).listen(0, "127.0.0.1")
      await once(server, "listening")
      return server
    }),
    (server) => Effect.promise(() => new Promise((resolve) => void server.close(resolve)))
  )

const connect = (port: number) =>
  Layer.build(Layer.fresh(RedisConnection.layer({ url: Redacted.make(`redis://127.0.0.1:${port}`) })))

describe("the version of Redis", () => {
  it.effect.each(["6.2.14", "6.0.16", "5.0.14"])(
    "F-39 %s is refused at the start with one sentence",
    (version) =>
      Effect.gen(function*() {
        const server = yield* redisOf(version)
        const error = yield* Effect.flip(Effect.scoped(connect((server.address() as AddressInfo).port)))
        assert.strictEqual(error._tag, "RedisTooOld")
        assert.strictEqual(
          error.message,
          `Redis reports version ${version}, and Muster requires Redis 7 or newer (or Valkey); upgrade the server`
        )
      })
  )

  it.effect.each(["7.2.4", "8.0.1"])("F-39 %s is accepted, as Valkey reports it", (version) =>
    Effect.gen(function*() {
      const server = yield* redisOf(version)
      yield* Effect.scoped(connect((server.address() as AddressInfo).port))
    }))

  it.effect("F-39 this machine's real server is accepted", () =>
    Effect.gen(function*() {
      const { url } = yield* ownServer
      yield* (yield* replica(url)).connection.takesWrites
    }))

  it.each([["10.0.0", false], ["7.0.15", false], ["6.9.9", true], ["", false], ["unknown", false], [undefined, false]])(
    "F-39 %s: too old is %s",
    (version, expected) => assert.strictEqual(tooOld(version) !== undefined, expected)
  )
})

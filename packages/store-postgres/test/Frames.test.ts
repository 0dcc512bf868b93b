import { assert, describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Channels } from "../src/pglite/Channels.ts"
import { closeFrames, greeting, queryFrame, readBatches, readOpening, readReply } from "../src/pglite/Frames.ts"

const frame = (type: string, body: string) => {
  const head = Buffer.alloc(5)
  head.write(type, "latin1")
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, Buffer.from(body, "latin1")])
}

const parse = frame("P", "name\0SELECT 1\0\0\0")
const bind = frame("B", "\0\0")
const sync = frame("S", "")

describe("frames", () => {
  it("frames form batches that end where the server answers", () => {
    const { batches, ended, rest } = readBatches(Buffer.concat([parse, bind, sync, queryFrame("LISTEN x"), parse]))
    deepStrictEqual(batches.map(({ queries }) => queries), [["SELECT 1"], ["LISTEN x"]])
    deepStrictEqual(
      Buffer.concat(batches.map(({ bytes }) => bytes)),
      Buffer.concat([parse, bind, sync, queryFrame("LISTEN x")])
    )
    deepStrictEqual(rest, parse)
    strictEqual(ended, false)
  })

  it("batches do not depend on the chunks of bytes", () => {
    const whole = Buffer.concat([parse, bind, sync, queryFrame("SELECT 2"), parse, bind, sync])
    for (let cut = 0; cut <= whole.length; cut++) {
      const first = readBatches(whole.subarray(0, cut))
      const second = readBatches(Buffer.concat([first.rest, whole.subarray(cut)]))
      const queries = [...first.batches, ...second.batches].map(({ queries }) => queries)
      deepStrictEqual(queries, [["SELECT 1"], ["SELECT 2"], ["SELECT 1"]])
      strictEqual(second.rest.length, 0)
    }
  })

  it("frames name the statements that the session keeps, and those that it closes", () => {
    const { batches } = readBatches(Buffer.concat([parse, bind, sync, closeFrames(["name", "other"])]))
    deepStrictEqual(batches.map(({ prepared }) => prepared), [["name"], []])
    deepStrictEqual(batches.map(({ closed }) => closed), [[], ["name", "other"]])
  })

  it("a terminate message ends the frames", () => {
    strictEqual(readBatches(Buffer.concat([queryFrame("SELECT 1"), frame("X", "")])).ended, true)
  })

  it("the first packet is a start-up, a cancellation or a TLS request", () => {
    const opening = (code: number) => {
      const bytes = Buffer.alloc(8)
      bytes.writeUInt32BE(8, 0)
      bytes.writeUInt32BE(code, 4)
      return bytes
    }
    deepStrictEqual(readOpening(opening(196608)), { opening: "startup", length: 8 })
    deepStrictEqual(readOpening(opening(80877102)), { opening: "cancel", length: 8 })
    deepStrictEqual(readOpening(opening(80877103)), { opening: "ssl", length: 8 })
    assert.isUndefined(readOpening(opening(196608).subarray(0, 7)))
  })

  it("an answer's frames are split from notifications, with its final status", () => {
    const reply = Buffer.concat([frame("C", "NOTIFY\0"), frame("A", "news"), frame("Z", "T")])
    const { notifications, own, status } = readReply(reply)
    deepStrictEqual(own, Buffer.concat([frame("C", "NOTIFY\0"), frame("Z", "T")]))
    deepStrictEqual(notifications, [frame("A", "news")])
    strictEqual(status, "T")
    strictEqual(readReply(greeting).status, "I")
  })
})

describe("channels", () => {
  it("channels are those of the queries' LISTEN, and an UNLISTEN is detected", () => {
    const channels = new Channels()
    const note = (...queries: ReadonlyArray<string>) =>
      channels.note({ bytes: new Uint8Array(), queries, prepared: [], closed: [] })
    strictEqual(note("LISTEN a", "listen \"b c\";", "SELECT 'LISTEN d'"), false)
    deepStrictEqual([...channels.names], ["a", "\"b c\""])
    strictEqual(note("UNLISTEN a"), true)
    deepStrictEqual([...channels.names], ["\"b c\""])
    strictEqual(note("UNLISTEN *"), true)
    strictEqual(channels.names.size, 0)
  })
})

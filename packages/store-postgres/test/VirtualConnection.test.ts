import { assert, describe, it } from "@effect/vitest"
import { Bridge } from "../src/pglite/Bridge.ts"
import { queryFrame } from "../src/pglite/Frames.ts"

const startUp = Buffer.from([0, 0, 0, 8, 0, 3, 0, 0])

/** How many bytes `Buffer.concat` joins, and how many are copied into a buffer, while `work` runs. */
const bytesCopied = (work: () => void): number => {
  const { concat } = Buffer
  const shared = Uint8Array.prototype
  const { set } = shared
  let copied = 0
  Buffer.concat = (list, ...rest) => {
    const all = concat(list, ...rest)
    copied += all.length
    return all
  }
  shared.set = function(from, at) {
    copied += from.length
    set.call(this, from, at)
  }
  try {
    work()
  } finally {
    Buffer.concat = concat
    shared.set = set
  }
  return copied
}

describe("a connection to the database in this process", () => {
  it("F-04 a statement of N bytes costs O(N) in any chunks", () => {
    const asked: Array<Uint8Array> = []
    const session = { execProtocolRaw: (bytes: Uint8Array) => (asked.push(bytes), Promise.resolve(new Uint8Array(0))) }
    const connection = Bridge.of(session).connect()
    connection.resume().write(startUp)
    const statement = queryFrame(`SELECT '${"x".repeat(2 * 1024 * 1024)}'`)
    const copied = bytesCopied(() => {
      for (let at = 0; at < statement.length; at += 1_024) connection.write(statement.subarray(at, at + 1_024))
    })
    assert.deepStrictEqual(asked.map((bytes) => Buffer.compare(bytes, statement)), [0])
    assert.isBelow(copied, 4 * statement.length)
  })
})

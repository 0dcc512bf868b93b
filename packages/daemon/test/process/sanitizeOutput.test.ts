import { assert, describe, it } from "@effect/vitest"
import { HeadBytes, LineSplitter } from "../../src/process/Bytes.ts"
import { childEnvironment } from "../../src/process/HostEnvironment.ts"
import { maxOutput, sanitizeLine, sanitizeOutput } from "../../src/process/sanitizeOutput.ts"

describe("the output of a CLI", () => {
  it("loses colors, control characters and cut characters", () => {
    assert.strictEqual(sanitizeLine("\u001b[91m\u001b[1mError: \u001b[0m a\u0000b\u0007\ud800 "), "Error:  a b \ufffd")
  })

  it("becomes one line, of long output the end", () => {
    assert.strictEqual(sanitizeOutput("\n  first\r\n\r\n\tsecond \n"), "first second")
    const long = sanitizeOutput(`${"x".repeat(5000)}\nthe reason`)
    assert.strictEqual(long.length, maxOutput)
    assert.isTrue(long.startsWith("…x") && long.endsWith(" the reason"))
  })
})

describe("bytes", () => {
  it("a head keeps what fits and reports whether there was more", () => {
    const head = new HeadBytes(4)
    assert.isTrue(head.push(Buffer.from("abcd")))
    assert.isFalse(head.truncated)
    assert.isFalse(head.push(Buffer.from("e")))
    assert.strictEqual(head.text(), "abcd")
  })

  it("lines are complete for any chunks, also with cut characters", () => {
    const bytes = Buffer.from("é\nab\n\nc")
    const splitter = new LineSplitter(100)
    const lines = [...bytes].flatMap((byte) => splitter.push(Buffer.from([byte])) ?? [])
    assert.deepStrictEqual(lines, ["é", "ab", ""])
    assert.strictEqual(splitter.unfinished, "c")
    assert.isUndefined(new LineSplitter(3).push(Buffer.from("four")))
  })
})

describe("the environment of a CLI", () => {
  it("is the daemon's environment without its secrets, with the CLI's folder on PATH", () => {
    const host = { HOME: "/home/a", MUSTER_TOKEN: "secret", PATH: "/usr/bin", EMPTY: undefined }
    assert.deepStrictEqual(childEnvironment(host, "/opt/x/bin/cli"), {
      HOME: "/home/a",
      PATH: "/opt/x/bin:/usr/bin",
      NO_COLOR: "1"
    })
    assert.strictEqual(childEnvironment(host, "/usr/bin/cli")["PATH"], "/usr/bin")
    assert.strictEqual(childEnvironment({}, "/usr/bin/cli")["PATH"], "/usr/bin")
  })
})

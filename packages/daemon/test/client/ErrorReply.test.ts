import { assert, describe, it } from "@effect/vitest"
import { readErrorReply, retryAfter } from "../../src/client/ErrorReply.ts"

const read = (status: number, body: string, header?: string) =>
  readErrorReply({ operation: "heartbeat", status, body, retryAfter: header, now: 0 })

describe("an error of the server", () => {
  it("D-11 is gone: 404 with the phrase, in any letter case", () => {
    for (const body of [`{"error":"runtime not found"}`, `{"error":"Runtime Not Found"}\n`, "RUNTIME NOT FOUND"]) {
      assert.strictEqual(read(404, body)._tag, "Gone")
    }
  })

  it.each([
    [404, `{"error":"not found"}`, "Refused"],
    [404, `{"error":"workspace not found"}`, "Refused"],
    [404, "404 page not found", "Refused"],
    [404, "", "Refused"],
    [410, "runtime not found", "Refused"],
    [400, "runtime not found", "Refused"],
    [403, "runtime not found", "Refused"],
    [500, "runtime not found", "Unreachable"],
    [502, "runtime not found", "Unreachable"],
    [408, "runtime not found", "Unreachable"],
    [429, "runtime not found", "Unreachable"],
    [302, "runtime not found", "Unreachable"]
  ])("D-11 is not gone: %i %s is %s", (status, body, tag) => {
    assert.strictEqual(read(status, body)._tag, tag)
  })

  it.each([
    [401, `{"error":"invalid token","code":"invalid_token"}\n`, "heartbeat: refused with 401 invalid token"],
    [500, `{"error":"a \\"b\\""}`, `heartbeat: answered 500 a \\"b\\"`],
    [
      502,
      "<html>\r\n<head><title>502 Bad Gateway</title><style>a { b }</style></head>\r\n<body>\r\n<hr>nginx</body>\r\n</html>",
      "heartbeat: answered 502 502 Bad Gateway nginx"
    ],
    [503, "", "heartbeat: answered 503"],
    [400, "one\u001b[31m\ntwo\u2028three\0", "heartbeat: refused with 400 one two three"],
    [503, "<".repeat(4_096), `heartbeat: answered 503 ${"<".repeat(200)}`]
  ])("is one line with the body: %i %j", (status, body, line) => {
    assert.strictEqual(read(status, body).message, line)
  })

  it("keeps the server's Retry-After", () => {
    const error = read(429, "slow down", "7")
    assert.isTrue(error._tag === "Unreachable" && error.retryAfter === 7_000)
  })

  it.each([
    [undefined, null],
    ["", null],
    ["soon", null],
    ["0", 0],
    ["120", 120_000],
    ["86400", 600_000],
    ["Thu, 01 Jan 1970 00:00:30 GMT", 30_000],
    ["Wed, 31 Dec 1969 23:59:59 GMT", 0]
  ])("Retry-After %s → %s ms", (header, ms) => {
    assert.strictEqual(retryAfter(header, 0), ms)
  })
})

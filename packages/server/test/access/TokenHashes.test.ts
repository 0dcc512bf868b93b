import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { hashToken } from "../../src/access/Authenticator.ts"
import { makeTokenHashes } from "../../src/access/TokenHashes.ts"

describe("the hashes of accepted tokens", () => {
  it.effect("memory contains a token for at most 60 s, and at most 10,000 tokens", () =>
    Effect.gen(function*() {
      const hashes = yield* makeTokenHashes
      hashes.keep("mul_first", hashToken("mul_first"))
      assert.strictEqual(hashes.peek("mul_first"), hashToken("mul_first"))
      assert.strictEqual(hashes.peek("mul_other"), undefined)
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual(hashes.peek("mul_first"), undefined)
      for (let i = 0; i <= 10_000; i++) hashes.keep(`mul_${i}`, hashToken("mul_any"))
      assert.strictEqual(hashes.peek("mul_0"), undefined)
      assert.strictEqual(hashes.peek("mul_10000"), hashToken("mul_any"))
    }))
})

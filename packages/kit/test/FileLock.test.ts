import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { lockFile } from "../src/index.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "muster-lock-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

describe("a file lock", () => {
  it.effect("is held until its scope ends; then it can be acquired again", () =>
    Effect.gen(function*() {
      const path = join(yield* folder, "lock")
      const second = Effect.flip(Effect.scoped(lockFile(path)))
      yield* Effect.scoped(
        Effect.andThen(lockFile(path), Effect.map(second, ({ reason }) => assert.strictEqual(reason, "held")))
      )
      yield* Effect.scoped(lockFile(path))
    }))

  it.effect("is unusable if the file cannot be created", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(lockFile(join(yield* folder, "absent", "lock"))))
      assert.strictEqual(error.reason, "unusable")
    }))
})

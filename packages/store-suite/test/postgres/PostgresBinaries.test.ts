import { afterEach, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { vi } from "vitest"
import { findPostgres } from "../../src/postgres/PostgresBinaries.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "muster-binaries-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const put = (path: string, ...names: ReadonlyArray<string>) => {
  mkdirSync(path)
  for (const name of names) writeFileSync(join(path, name), "", { mode: 0o755 })
  return path
}

describe("findPostgres", () => {
  afterEach(() => vi.unstubAllEnvs())

  it.effect("takes the first folder of PATH that has both programs", () =>
    Effect.gen(function*() {
      const parent = yield* folder
      const half = put(join(parent, "half"), "postgres")
      const whole = put(join(parent, "whole"), "initdb", "postgres")
      const later = put(join(parent, "later"), "initdb", "postgres")
      vi.stubEnv("PATH", ["", half, whole, later].join(delimiter))
      assert.deepStrictEqual(yield* findPostgres, { initdb: join(whole, "initdb"), postgres: join(whole, "postgres") })
    }))
})

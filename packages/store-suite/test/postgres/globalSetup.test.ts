import { afterEach, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { vi } from "vitest"
import { type TestProject } from "vitest/node"
import setup from "../../src/postgres/globalSetup.ts"

/** Runs the setup as vitest does, and requests from it. */
const ask = Effect.promise(async () => {
  const provided = new Map<string, string>()
  const project = { provide: (key: string, value: string) => provided.set(key, value) }
  const teardown = await setup(project as unknown as TestProject)
  try {
    const response = await fetch(provided.get("musterPostgresDesk")!)
    return { status: response.status, text: await response.text() }
  } finally {
    await teardown()
  }
})

describe("globalSetup", () => {
  afterEach(() => vi.unstubAllEnvs())

  it.effect("provides the URL of the given server, and needs no programs for it", () =>
    Effect.gen(function*() {
      vi.stubEnv("PATH", "")
      vi.stubEnv("MUSTER_TEST_DATABASE_URL", "postgres://someone@127.0.0.1:2/theirs")
      assert.deepStrictEqual(yield* ask, { status: 200, text: "postgres://someone@127.0.0.1:2/theirs" })
    }))

  it.effect("starts a server on the first request", () =>
    Effect.gen(function*() {
      vi.stubEnv("MUSTER_TEST_DATABASE_URL", "")
      const { status, text } = yield* ask
      assert.strictEqual(status, 200)
      assert.match(text, /^postgres:\/\/postgres@127\.0\.0\.1:\d+\/postgres$/)
    }), 60_000)
})

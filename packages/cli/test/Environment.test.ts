import { assert, describe, it } from "@effect/vitest"
import { freshDatabase, onConnection } from "@muster/store-suite"
import { Effect, Redacted } from "effect"
import { exitCodes } from "../src/failure/ExitCode.ts"
import { makeHome, runMuster } from "./support/runMuster.ts"

/** Port 1 has no listener. */
const nobody = "postgres://ada:secret@127.0.0.1:1/muster"

const wrong: ReadonlyArray<readonly [string, Readonly<Record<string, string>>, RegExp]> = [
  [
    "a Redis without a database",
    { REDIS_URL: "redis://127.0.0.1" },
    /^error: REDIS_URL needs DATABASE_URL: /
  ],
  [
    "F-08 a direct database URL without a database",
    { DATABASE_DIRECT_URL: nobody },
    /^error: DATABASE_DIRECT_URL needs DATABASE_URL: /
  ],
  [
    "A-09 a sign-in provider without the secret of its client",
    {
      MUSTER_OIDC_ISSUER: "https://id.example.com",
      MUSTER_OIDC_CLIENT_ID: "muster",
      MUSTER_OIDC_CLIENT_SECRET: "",
      MUSTER_PUBLIC_URL: "https://muster.example.com"
    },
    /^error: MUSTER_OIDC_ISSUER needs MUSTER_OIDC_CLIENT_SECRET: see docs\/oidc\.md\n/
  ],
  ["an unreachable database", { DATABASE_URL: nobody }, /^error: the database cannot be used: .*ECONNREFUSED/],
  ["a database without a user", { DATABASE_URL: "postgres://127.0.0.1:1/muster" }, /cannot be used: .*No username/],
  ["another kind of database", { DATABASE_URL: "mysql://ada@127.0.0.1/muster" }, /cannot be used: .*"mysql:"/],
  [
    "a Redis URL without Redis",
    { DATABASE_URL: nobody, REDIS_URL: "http://:secret@127.0.0.1" },
    /^error: REDIS_URL: The Redis URL cannot be used: it must look like redis:\/\/host:6379/
  ]
]

describe("a server with a wrong environment", () => {
  it.live.each(wrong)(
    "%s is one sentence without a password, one next step, exit code 8",
    ([, env, said]) =>
      Effect.gen(function*() {
        const home = yield* makeHome
        const { code, stderr, stdout } = yield* runMuster(["server", "--port", "0", "--data", `${home}/data`], {
          home,
          env
        })
        assert.strictEqual(code, exitCodes.cannotStart)
        assert.match(stderr, said)
        assert.strictEqual(stderr.trimEnd().split("\n").length, 2, stderr)
        assert.notInclude(stderr, "secret")
        assert.strictEqual(stdout, "")
      })
  )

  it.live("F-39 a database of a newer Muster is one sentence, a next step of its own, exit code 8", () =>
    Effect.gen(function*() {
      const url = Redacted.value(yield* freshDatabase)
      yield* onConnection(url, (sql) => sql`CREATE TABLE muster_migrations AS SELECT 999 AS id`)
      const home = yield* makeHome
      const { code, stderr, stdout } = yield* runMuster(["server", "--port", "0", "--data", `${home}/data`], {
        home,
        env: { DATABASE_URL: url }
      })
      assert.strictEqual(code, exitCodes.cannotStart)
      assert.match(
        stderr,
        /^error: the database was upgraded by a newer Muster: its schema is 999, .*\n.*install the newest/
      )
      assert.strictEqual(stderr.trimEnd().split("\n").length, 2, stderr)
      assert.strictEqual(stdout, "")
    }))
})

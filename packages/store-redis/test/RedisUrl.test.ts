import { assert, describe, it } from "@effect/vitest"
import { readRedisUrl } from "@muster/store-redis"
import { Effect, Redacted } from "effect"

const nobody = { tls: false, username: undefined, password: undefined, database: 0, master: "" }

const good = [
  ["redis://cache", { ...nobody, mode: "single", nodes: [{ host: "cache", port: 6379 }] }],
  ["rediss://me:p%40ss@[::1]:7000/3", {
    ...nobody,
    mode: "single",
    nodes: [{ host: "::1", port: 7000 }],
    tls: true,
    username: "me",
    password: "p@ss",
    database: 3
  }],
  ["redis://:secret@cache/", { ...nobody, mode: "single", nodes: [{ host: "cache", port: 6379 }], password: "secret" }],
  ["redis+sentinel://a,b:1/main/2", {
    ...nobody,
    mode: "sentinel",
    nodes: [{ host: "a", port: 26379 }, { host: "b", port: 1 }],
    master: "main",
    database: 2
  }],
  ["rediss+cluster://a:1,b:2", {
    ...nobody,
    mode: "cluster",
    nodes: [{ host: "a", port: 1 }, { host: "b", port: 2 }],
    tls: true
  }]
] as const

const bad = [
  "http://cache",
  "redis://",
  "redis://secret@a:0",
  "redis://secret@a:70000",
  "redis://secret@a,b",
  "redis+sentinel://secret@a",
  "redis+cluster://secret@a/1",
  "redis://secret@a/x",
  "redis://:%secret@a"
]

describe("a Redis URL", () => {
  it.effect.each(good)("%s is accepted", ([url, target]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual<unknown>(yield* readRedisUrl(Redacted.make(url)), target)
    }))

  it.effect.each(bad)("%s is refused with a sentence that does not repeat it", (url) =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(readRedisUrl(Redacted.make(url)))
      assert.match(message, /^The Redis URL cannot be used: /)
      assert.notInclude(message, "secret")
    }))
})

import { assert, describe, it } from "@effect/vitest"
import { Conditions } from "@muster/kit"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { AllowedRepositories } from "../../src/repository/AllowedRepositories.ts"
import { broken, FakeServer, workspaceId } from "../support/FakeServer.ts"

const W = workspaceId(1)
const other = workspaceId(2)
const one = "https://git.example.org/team/one.git"
const two = "git@git.example.org:team/two"

const withServer = <A, E>(
  test: (server: FakeServer, allowed: AllowedRepositories["Service"]) => Effect.Effect<A, E>
) =>
  Effect.gen(function*() {
    const server = yield* FakeServer.make
    const layer = AllowedRepositories.layer.pipe(Layer.provide([server.layer, Conditions.layer]))
    return yield* Effect.flatMap(AllowedRepositories, (allowed) => test(server, allowed)).pipe(Effect.provide(layer))
  })

const asks = (server: FakeServer) => server.count("repositories")

describe("AllowedRepositories", () => {
  it.effect("what the server lists is allowed in its workspace, however it is spelled, and nothing else", () =>
    withServer((server, { isAllowed, listed }) =>
      Effect.gen(function*() {
        yield* listed([{ id: W, name: "Acme", repositories: [one, "x"] }, { id: other, name: "Lab", repositories: [] }])
        assert.isTrue(yield* isAllowed(W, one))
        assert.isTrue(yield* isAllowed(W, "HTTPS://Git.Example.org:443/team/one/"))
        assert.strictEqual(asks(server), 0)
        server.repositories.set(W, { urls: [one, "x"], version: "1" })
        const forged = [
          two,
          "https://git.example.org/team/one/../two",
          "https://git.example.org/team/ONE",
          "http://git.example.org/team/one",
          "https://ada:secret@git.example.org/team/one",
          "file:///srv/git/one",
          "/srv/git/one",
          "--upload-pack=whoami",
          ""
        ]
        for (const url of forged) assert.isFalse(yield* isAllowed(W, url), url)
        assert.isFalse(yield* isAllowed(other, one))
        assert.isFalse(yield* isAllowed(workspaceId(3), one))
      })
    ))

  it.effect("a listing replaces the list: what was removed is refused, also in a workspace that is gone", () =>
    withServer((server, { isAllowed, listed }) =>
      Effect.gen(function*() {
        yield* listed([{ id: W, name: "Acme", repositories: [one, two] }])
        yield* listed([{ id: W, name: "Acme", repositories: [two] }])
        assert.deepStrictEqual([yield* isAllowed(W, one), yield* isAllowed(W, two)], [false, true])
        server.repositories.set(W, { urls: [one, two], version: "1" })
        yield* listed([])
        assert.deepStrictEqual([yield* isAllowed(W, one), yield* isAllowed(W, two)], [false, false])
      })
    ))

  it.effect("a machine hears the version of a list and fetches it once for each change", () =>
    withServer((server, { isAllowed, listed }) =>
      Effect.gen(function*() {
        const hear = (version: string) => listed([{ id: W, name: "Acme", repositoriesVersion: version }])
        server.repositories.set(W, { urls: [one], version: "1" })
        yield* hear("1")
        yield* hear("1")
        assert.strictEqual(asks(server), 1)
        assert.isTrue(yield* isAllowed(W, one))
        server.repositories.set(W, { urls: [two], version: "2" })
        yield* hear("2")
        assert.deepStrictEqual([yield* isAllowed(W, two), asks(server)], [true, 2])
        assert.isFalse(yield* isAllowed(W, one))
      })
    ))

  it.effect("a list that cannot be fetched stays as it is, and is fetched with the next listing", () =>
    withServer((server, { isAllowed, listed }) =>
      Effect.gen(function*() {
        const hear = (version: string) => listed([{ id: W, name: "Acme", repositoriesVersion: version }])
        server.repositories.set(W, { urls: [one], version: "1" })
        yield* hear("1")
        server.repositories.set(W, { urls: [two], version: "2" })
        server.arriving = () => Effect.fail(broken(503))
        yield* hear("2")
        assert.isTrue(yield* isAllowed(W, one))
        assert.isFalse(yield* isAllowed(W, two))
        server.arriving = () => Effect.void
        yield* hear("2")
        assert.deepStrictEqual([yield* isAllowed(W, one), yield* isAllowed(W, two)], [false, true])
      })
    ))

  it.effect("an address that was just added is found by asking the server, at most every 5 s", () =>
    withServer((server, { isAllowed, listed }) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("1 minute")
        yield* listed([{ id: W, name: "Acme", repositories: [] }])
        server.repositories.set(W, { urls: [one], version: "1" })
        assert.isTrue(yield* isAllowed(W, one))
        const answers = yield* Effect.all(Array.from({ length: 20 }, () => isAllowed(W, two)), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual([new Set(answers), asks(server)], [new Set([false]), 1])
        server.repositories.set(W, { urls: [one, two], version: "2" })
        yield* TestClock.adjust("4999 millis")
        assert.deepStrictEqual([yield* isAllowed(W, two), asks(server)], [false, 1])
        yield* TestClock.adjust("1 millis")
        assert.deepStrictEqual([yield* isAllowed(W, two), asks(server)], [true, 2])
      })
    ))

  it.effect("settings are those of the last listing; agents are co-authors by default", () =>
    withServer((_, { listed, settings }) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* settings(W), { coAuthoredByEnabled: true })
        yield* listed([{ id: W, name: "Acme", settings: { coAuthoredByEnabled: false } }])
        yield* listed([{ id: W, name: "Acme" }])
        assert.deepStrictEqual(yield* settings(W), { coAuthoredByEnabled: false })
      })
    ))
})

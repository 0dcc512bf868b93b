import { assert, describe, it } from "@effect/vitest"
import { AllowedRepositories, layerServerAccess, ServerApi } from "@muster/daemon"
import { Conditions } from "@muster/kit"
import { Effect, Layer, Redacted } from "effect"
import { startMemoryServer } from "./support/MemoryServer.ts"
import { makeHome, runMuster } from "./support/runMuster.ts"

const one = "https://git.example.org/team/one"
const two = "git@git.example.org:team/two.git"

describe("the repositories of a daemon at a real server", () => {
  it.live("what `muster repos` changes reaches the daemon's copy with its next listing, or when it is asked for", () =>
    Effect.gen(function*() {
      const { owner, url, workspace } = yield* startMemoryServer
      const dataDir = yield* makeHome
      const muster = (...args: ReadonlyArray<string>) => runMuster(args, owner)
      const access = layerServerAccess(
        {
          serverUrl: url,
          token: Redacted.make(owner.env.MUSTER_TOKEN),
          dataDir,
          localPort: 0
        } as Parameters<typeof layerServerAccess>[0]
      )
      const layer = AllowedRepositories.layer.pipe(Layer.provideMerge(access), Layer.provide(Conditions.layer))
      yield* Effect.gen(function*() {
        const server = yield* ServerApi
        const allowed = yield* AllowedRepositories
        const listen = Effect.flatMap(server.workspaces, allowed.listed)
        yield* muster("repos", "add", one)
        yield* listen
        assert.isTrue(yield* allowed.isAllowed(workspace, `${one}.git`))
        assert.isTrue((yield* allowed.settings(workspace)).coAuthoredByEnabled)
        // Newer than the daemon's copy: it asks the server.
        yield* muster("repos", "add", two)
        assert.isTrue(yield* allowed.isAllowed(workspace, two))
        yield* muster("repos", "remove", one)
        yield* muster("workspaces", "settings", "--co-author", "off")
        yield* listen
        assert.deepStrictEqual(
          [yield* allowed.isAllowed(workspace, one), yield* allowed.isAllowed(workspace, two)],
          [false, true]
        )
        assert.isFalse((yield* allowed.settings(workspace)).coAuthoredByEnabled)
      }).pipe(Effect.provide(layer))
    }))
})

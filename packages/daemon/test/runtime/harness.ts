import type { Identity } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Effect, Layer } from "effect"
import { BeatInterval } from "../../src/client/BeatInterval.ts"
import type { ServerApi } from "../../src/client/ServerApi.ts"
import { layerObservedServer } from "../../src/metrics/ObservedServer.ts"
import { Registrar } from "../../src/runtime/Registrar.ts"
import { needsRegistration } from "../../src/runtime/Registration.ts"
import { RuntimeSet } from "../../src/runtime/RuntimeSet.ts"
import { runtimesOf, type RuntimeState } from "../../src/runtime/RuntimeState.ts"
import { cli } from "../support/FakeClis.ts"
import { FakeServer, workspaceId } from "../support/FakeServer.ts"

export const W1 = workspaceId(1)
export const W2 = workspaceId(2)

export const listed = (...ids: ReadonlyArray<Identity.WorkspaceId>) =>
  ids.map((id) => ({ id, name: `workspace ${id.at(-1)}` }))

export const found = (...providers: ReadonlyArray<string>) => ({
  found: providers.map((provider) => cli(provider)),
  skipped: [],
  complete: true
})

/** The runtimes of the registrar's set: a server in memory, no loops. */
export const withRegistrar = <A, E>(
  test: (server: FakeServer, set: RuntimeSet["Service"]) => Effect.Effect<A, E, RuntimeSet | Registrar | ServerApi>
) =>
  Effect.gen(function*() {
    const server = yield* FakeServer.make
    const layer = Registrar.layer.pipe(
      Layer.provideMerge(RuntimeSet.layer),
      Layer.provide(BeatInterval.layer),
      Layer.provideMerge(layerObservedServer),
      Layer.provide([Conditions.layer, server.layer])
    )
    return yield* Effect.flatMap(RuntimeSet, (set) => test(server, set)).pipe(Effect.provide(layer))
  })

/** Waits until no workspace needs registration. */
export const complete = (set: RuntimeSet["Service"]) =>
  set.until((state) =>
    state.workspaces.size > 0 && [...state.workspaces.keys()].every((id) => !needsRegistration(state, id))
  )

export const idOf = (state: RuntimeState, workspace: Identity.WorkspaceId, provider: string) => {
  const runtime = state.workspaces.get(workspace)?.runtimes.find((runtime) => runtime.provider === provider)
  if (runtime === undefined) throw new Error(`no ${provider} in ${workspace}`)
  return runtime.id
}

export const ids = (state: RuntimeState) => runtimesOf(state).map(({ id }) => id)

/** The runtimes known are exactly those that the server has, each once. */
export const agrees = (state: RuntimeState, server: FakeServer) => {
  const own = ids(state).toSorted()
  const theirs = [...server.rows.values()].map(({ id }) => id).toSorted()
  return own.length === theirs.length && own.every((id, index) => id === theirs[index])
}

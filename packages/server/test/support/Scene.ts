import { Kinds, type Runtime } from "@muster/domain"
import { Effect } from "effect"
import { type Options, startMuster } from "./Muster.ts"

/** A server with one person, their workspace, and one online runtime of theirs. */
export const startHome = Effect.fnUntraced(function*(options: Options = {}) {
  const muster = yield* startMuster(options)
  const ana = yield* muster.person("ana")
  const home = (yield* muster.workspace("home", ana)).id
  const codex = yield* muster.runtime(home, { owner: ana.id })
  return {
    muster,
    ana,
    home,
    codex,
    /** Ana, as a person: her calls name her workspace. */
    me: muster.as(ana.token, home),
    /** Ana's daemon. */
    daemon: muster.as(ana.token),
    /** A pending model-list request without a wake. */
    waitingRequest: (runtimeId: Runtime.RuntimeId) =>
      muster.requests.create({ kind: Kinds.ModelList, runtimeId, payload: {}, by: ana.id }).pipe(
        Effect.map(({ request }) => request),
        Effect.orDie
      )
  }
})

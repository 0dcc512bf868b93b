import type { Identity } from "@muster/domain"
import { Conditions, supervised } from "@muster/kit"
import { Context, Effect, Layer, Stream, SubscriptionRef } from "effect"
import { BeatInterval } from "../client/BeatInterval.ts"
import { ServerApi } from "../client/ServerApi.ts"
import { ServerReach } from "../client/ServerReach.ts"
import { serverDown } from "../client/ServerWatch.ts"
import { Intervals } from "../Intervals.ts"
import { makeRoutineLog } from "../log/RoutineLog.ts"
import { DaemonMetrics } from "../metrics/DaemonMetrics.ts"
import { followKeys } from "./FollowKeys.ts"
import { makeOrphanRecovery } from "./OrphanRecovery.ts"
import { lacking, needsRegistration, registrationOf, registrationReason } from "./Registration.ts"
import {
  Incomplete,
  makeRegistrationLimit,
  makeRegistrationPauses,
  type RegistrationFailure
} from "./RegistrationPace.ts"
import { RuntimeSet } from "./RuntimeSet.ts"
import type { OwnRuntime } from "./RuntimeState.ts"

const makeDependencies = Effect.gen(function*() {
  return {
    server: yield* ServerApi,
    set: yield* RuntimeSet,
    conditions: yield* Conditions,
    metrics: yield* DaemonMetrics,
    intervals: yield* Intervals,
    reach: yield* ServerReach,
    beatInterval: yield* BeatInterval,
    recoverOrphans: yield* makeOrphanRecovery,
    sayRegistered: yield* makeRoutineLog,
    untilAllowed: yield* makeRegistrationLimit,
    /** The workspaces that have had an attempt, whatever its outcome. */
    attempted: yield* SubscriptionRef.make<ReadonlySet<Identity.WorkspaceId>>(new Set())
  }
})

type Dependencies = Effect.Success<typeof makeDependencies>

const shown = ({ id, provider, version }: OwnRuntime) => `${provider} ${version} as runtime ${id}`

const conditionOf = (id: Identity.WorkspaceId) => `registration:${id}`

const nameOf = ({ set }: Dependencies, id: Identity.WorkspaceId) =>
  Effect.map(set.state, ({ workspaces }) => `workspace ${workspaces.get(id)?.name ?? id}`)

/** One line for each runtime that is new. */
const sayFresh = Effect.fnUntraced(
  function*(deps: Dependencies, id: Identity.WorkspaceId, fresh: ReadonlyArray<OwnRuntime>) {
    const name = yield* nameOf(deps, id)
    yield* Effect.forEach(fresh, (runtime) => deps.sayRegistered(`registered ${shown(runtime)} in ${name}`), {
      discard: true
    })
  }
)

/** Registers a workspace if it needs it. Returns the runtimes whose ids are new to this process. */
const register = Effect.fn("Registrar.register")(function*(deps: Dependencies, id: Identity.WorkspaceId) {
  yield* Effect.annotateCurrentSpan("muster.workspace_id", id)
  const { metrics, recoverOrphans, server, set } = deps
  const state = yield* set.state
  const request = registrationOf(state, id)
  if (request === undefined || !needsRegistration(state, id)) return []
  metrics.registrations[registrationReason(state, id)]()
  const unserved = yield* set.reply(request, yield* server.register(id, request.clis))
  const runtimes = (yield* set.state).workspaces.get(id)?.runtimes ?? []
  const ids = new Set(yield* recoverOrphans(runtimes.map((runtime) => runtime.id)))
  const fresh = runtimes.filter((runtime) => ids.has(runtime.id))
  if (unserved.length === 0) return fresh
  yield* sayFresh(deps, id, fresh)
  return yield* new Incomplete({ providers: unserved })
})

/** Begins the condition of a workspace, in a sentence about the providers that it lacks. */
const say = Effect.fnUntraced(function*(
  deps: Dependencies,
  id: Identity.WorkspaceId,
  text: (what: string) => string,
  level: "Warn" | "Info" = "Warn"
) {
  const what = `${lacking(yield* deps.set.state, id).join(", ")} in ${yield* nameOf(deps, id)}`
  yield* deps.conditions.begin(conditionOf(id), text(what), { because: serverDown, level })
})

/** Failures that concern every call are logged where calls are made. */
const isSaidElsewhere = (failure: RegistrationFailure) =>
  (failure._tag === "Unreachable" && failure.status === null) || (failure._tag === "Refused" && failure.isAboutToken)

const onFailure = (deps: Dependencies, id: Identity.WorkspaceId) => (failure: RegistrationFailure) =>
  isSaidElsewhere(failure) ? Effect.void : say(deps, id, (what) => `cannot register ${what}: ${failure.message}`)

/** One line with the new ids: the end of the condition where there was one. */
const onSuccess = Effect.fnUntraced(
  function*(deps: Dependencies, id: Identity.WorkspaceId, fresh: ReadonlyArray<OwnRuntime>) {
    const announced = deps.conditions.isAnnounced(conditionOf(id))
    const which = fresh.length === 0 ? "" : `: ${fresh.map(shown).join(", ")}`
    yield* deps.conditions.end(conditionOf(id), `registered all runtimes in ${yield* nameOf(deps, id)}${which}`)
    if (!announced) yield* sayFresh(deps, id, fresh)
  }
)

/** Waits until the workspace needs registration. The first time is not worth a line. */
const awaitNeed = Effect.fnUntraced(function*(deps: Dependencies, id: Identity.WorkspaceId) {
  yield* deps.set.until((state) => needsRegistration(state, id))
  if (!(yield* SubscriptionRef.get(deps.attempted)).has(id)) return
  const wrong = registrationReason(yield* deps.set.state, id) === "gone"
  yield* say(deps, id, (what) => `registering ${what}`, wrong ? "Warn" : "Info")
})

const attempt = (deps: Dependencies, id: Identity.WorkspaceId) =>
  deps.untilAllowed(id).pipe(
    Effect.andThen(register(deps, id)),
    Effect.tapError(onFailure(deps, id)),
    Effect.ensuring(SubscriptionRef.update(deps.attempted, (ids) => ids.has(id) ? ids : new Set(ids).add(id)))
  )

/** Keeps one workspace registered, until it is interrupted. */
const serve = Effect.fnUntraced(function*(deps: Dependencies, id: Identity.WorkspaceId) {
  const pauses = yield* makeRegistrationPauses({
    pauses: deps.intervals.registerAgain,
    recovered: deps.reach.recovered,
    window: deps.beatInterval.reconnectWindow
  })
  return yield* awaitNeed(deps, id).pipe(
    // The pauses never run out, so no failure is left over.
    Effect.andThen(Effect.orDie(Effect.retry(attempt(deps, id), pauses))),
    Effect.flatMap((fresh) => onSuccess(deps, id, fresh)),
    Effect.forever,
    Effect.ensuring(deps.conditions.forget(conditionOf(id)))
  )
})

/** Waits until each workspace there is has had an attempt or needs none. */
const firstAttempts = ({ attempted, set }: Dependencies) =>
  Stream.merge(set.changes, SubscriptionRef.changes(attempted)).pipe(
    Stream.mapEffect(() => Effect.all([set.state, SubscriptionRef.get(attempted)])),
    Stream.filter(([state, tried]) =>
      [...state.workspaces.keys()].every((id) => tried.has(id) || !needsRegistration(state, id))
    ),
    Stream.runHead,
    Effect.asVoid
  )

/**
 * Registers each workspace while it needs registration. One fiber per workspace does so, in the scope of this layer: a
 * workspace has at most one registration in flight, and the end of another fiber cannot cancel it. A failure pauses only
 * that workspace, until the server recovers or the pause is over. Each attempt reads from the state what to register.
 */
export class Registrar extends Context.Service<Registrar, {
  /** Waits until each workspace there is now has had its first attempt, whatever its outcome, or needs none. */
  readonly firstAttempts: Effect.Effect<void>
}>()("@muster/daemon/runtime/Registrar") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const deps = yield* makeDependencies
      yield* followKeys(
        Stream.map(deps.set.changes, ({ workspaces }) => workspaces.keys()),
        (id) => supervised(`registration of ${id}`, serve(deps, id))
      ).pipe(Effect.forkScoped)
      return { firstAttempts: firstAttempts(deps) }
    })
  )
}

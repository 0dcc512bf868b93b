import type { Identity } from "@muster/domain"
import { Conditions, supervised } from "@muster/kit"
import { Context, Effect, Layer, Semaphore, Stream, SubscriptionRef } from "effect"
import { BeatInterval } from "../client/BeatInterval.ts"
import { ServerApi } from "../client/ServerApi.ts"
import { ServerReach } from "../client/ServerReach.ts"
import { serverDown } from "../client/ServerWatch.ts"
import { Intervals } from "../Intervals.ts"
import { makeRoutineLog } from "../log/RoutineLog.ts"
import { DaemonMetrics } from "../metrics/DaemonMetrics.ts"
import { followKeys } from "./FollowKeys.ts"
import { makeOrphanRecovery } from "./OrphanRecovery.ts"
import { Incomplete, type RegistrationFailure, registrationPause } from "./RegistrationPause.ts"
import { registrationReason } from "./registrationReason.ts"
import { registrationOf } from "./RegistrationReply.ts"
import { RuntimeSet } from "./RuntimeSet.ts"
import { lacking, needsRegistration, type OwnRuntime } from "./RuntimeState.ts"

/** As many registrations of one workspace may begin within `burstWindow` (ms); the next one waits. */
const burst = 5
const burstWindow = 60_000

const shown = ({ id, provider, version }: OwnRuntime) => `${provider} ${version} as runtime ${id}`

const conditionOf = (id: Identity.WorkspaceId) => `registration:${id}`

/** Failures that concern every call are logged where calls are made. */
const isSaidElsewhere = (failure: RegistrationFailure) =>
  (failure._tag === "Unreachable" && failure.status === null) || (failure._tag === "Refused" && failure.isAboutToken)

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
      const server = yield* ServerApi
      const set = yield* RuntimeSet
      const conditions = yield* Conditions
      const metrics = yield* DaemonMetrics
      const { registerAgain } = yield* Intervals
      const scope = yield* Effect.scope
      const recoverOrphans = yield* makeOrphanRecovery
      const sayRegistered = yield* makeRoutineLog
      const attempted = yield* SubscriptionRef.make<ReadonlySet<Identity.WorkspaceId>>(new Set())
      const { recovered } = yield* ServerReach
      const { reconnectWindow: window } = yield* BeatInterval

      const nameOf = (id: Identity.WorkspaceId) =>
        Effect.map(set.state, ({ workspaces }) => `workspace ${workspaces.get(id)?.name ?? id}`)

      const sayFresh = Effect.fnUntraced(function*(id: Identity.WorkspaceId, fresh: ReadonlyArray<OwnRuntime>) {
        const name = yield* nameOf(id)
        yield* Effect.forEach(fresh, (runtime) => sayRegistered(`registered ${shown(runtime)} in ${name}`), {
          discard: true
        })
      })

      const register = Effect.fnUntraced(function*(id: Identity.WorkspaceId) {
        const state = yield* set.state
        const request = registrationOf(state, id)
        if (request === undefined || !needsRegistration(state, id)) return []
        metrics.registrations[registrationReason(state, id)]()
        const rows = yield* server.register(id, request.clis)
        const unserved = yield* set.reply(request, rows)
        const now = (yield* set.state).workspaces.get(id)?.runtimes ?? []
        const ids = new Set(yield* recoverOrphans(now.map((runtime) => runtime.id)))
        const fresh = now.filter((runtime) => ids.has(runtime.id))
        if (unserved.length === 0) return fresh
        yield* sayFresh(id, fresh)
        return yield* new Incomplete({ providers: unserved })
      })

      const say = Effect.fnUntraced(
        function*(id: Identity.WorkspaceId, text: (what: string) => string, level: "Warn" | "Info" = "Warn") {
          const what = `${lacking(yield* set.state, id).join(", ")} in ${yield* nameOf(id)}`
          yield* conditions.begin(conditionOf(id), text(what), { because: serverDown, level })
        }
      )

      const onFailure = (id: Identity.WorkspaceId) => (failure: RegistrationFailure) =>
        isSaidElsewhere(failure) ? Effect.void : say(id, (what) => `cannot register ${what}: ${failure.message}`)

      /** One line with the new ids: the end of the trouble where there was one. */
      const allIsWell = Effect.fnUntraced(function*(id: Identity.WorkspaceId, fresh: ReadonlyArray<OwnRuntime>) {
        const announced = conditions.isAnnounced(conditionOf(id))
        const which = fresh.length === 0 ? "" : `: ${fresh.map(shown).join(", ")}`
        yield* conditions.end(conditionOf(id), `registered all runtimes in ${yield* nameOf(id)}${which}`)
        if (!announced) yield* sayFresh(id, fresh)
      })

      const attemptOver = (id: Identity.WorkspaceId) =>
        SubscriptionRef.update(attempted, (ids) => ids.has(id) ? ids : new Set(ids).add(id))

      const serve = Effect.fnUntraced(function*(id: Identity.WorkspaceId) {
        const pause = registrationPause({ pauses: registerAgain, recovered, window })
        // The limit on registrations that succeed and are undone again: each one gives its permit back a window later.
        const permits = yield* Semaphore.make(burst)
        const attempt = Effect.andThen(
          permits.take(1),
          Effect.forkIn(Effect.andThen(Effect.sleep(burstWindow), permits.release(1)), scope)
        ).pipe(
          Effect.andThen(register(id)),
          Effect.tapError(onFailure(id)),
          Effect.ensuring(attemptOver(id))
        )
        const need = Effect.gen(function*() {
          yield* set.until((state) => needsRegistration(state, id))
          // The first time it is only natural.
          if (!(yield* SubscriptionRef.get(attempted)).has(id)) return
          const wrong = registrationReason(yield* set.state, id) === "gone"
          yield* say(id, (what) => `registering ${what}`, wrong ? "Warn" : "Info")
        })
        return yield* need.pipe(
          // The pauses never run out, so no failure is left over.
          Effect.andThen(Effect.orDie(Effect.retry(attempt, pause))),
          Effect.flatMap((fresh) => allIsWell(id, fresh)),
          Effect.forever,
          Effect.ensuring(conditions.forget(conditionOf(id)))
        )
      })

      yield* followKeys(
        Stream.map(set.changes, ({ workspaces }) => workspaces.keys()),
        (id) => supervised(`registration of ${id}`, serve(id))
      ).pipe(Effect.forkScoped)

      const settled = Effect.gen(function*() {
        const state = yield* set.state
        const tried = yield* SubscriptionRef.get(attempted)
        return [...state.workspaces.keys()].every((id) => tried.has(id) || !needsRegistration(state, id))
      })

      return {
        firstAttempts: Stream.merge(set.changes, SubscriptionRef.changes(attempted)).pipe(
          Stream.mapEffect(() => settled),
          Stream.filter((yes) => yes),
          Stream.runHead,
          Effect.asVoid
        )
      }
    })
  )
}

import { Access, Liveness, Machines, Membership, Repositories, RuntimeRegistry, SkillLibrary } from "@muster/domain"
import { Context, Effect, Exit, Layer, Scope } from "effect"

/** The durable stores of one replica. */
export interface StoreNode {
  readonly access: Access.Access["Service"]
  readonly registry: RuntimeRegistry.RuntimeRegistry["Service"]
  readonly liveness: Liveness.Liveness["Service"]
  readonly skills: SkillLibrary.SkillLibrary["Service"]
  readonly machines: Machines.Machines["Service"]
  readonly membership: Membership.Membership["Service"]
  readonly repositories: Repositories.Repositories["Service"]
  /** An orderly stop of this node: its layers' scope closes. Idempotent. */
  readonly stop: Effect.Effect<void>
}

/** Two nodes of one backend, and the test's direct access to it. */
export interface StoreNodes {
  readonly a: StoreNode
  readonly b: StoreNode
  /** How many statements both nodes have sent to the table of runtimes; calls, if the table is not a database's. */
  readonly statements: Effect.Effect<number>
  /** From now on the backend is dead to both nodes: connections refused or cut, the process gone. */
  readonly outage: Effect.Effect<void>
}

/**
 * What a backend's test file supplies. The suites run under `TestClock`, so the layers must take every time from `Clock`
 * and none from the backend; what the suites wait for is always an event.
 */
export interface StoreBackend {
  readonly name: string
  /** Two nodes on an empty backend, made for each test and released with its scope. */
  readonly nodes: Effect.Effect<StoreNodes, unknown, Scope.Scope>
}

/** One node: the layers, built separately, in a scope of their own within the current one. */
export const storeNode = Effect.fnUntraced(function*<E, R>(
  layer: Layer.Layer<
    | Access.Access
    | Liveness.Liveness
    | Machines.Machines
    | Membership.Membership
    | Repositories.Repositories
    | RuntimeRegistry.RuntimeRegistry
    | SkillLibrary.SkillLibrary,
    E,
    R
  >
): Effect.fn.Return<StoreNode, E, R | Scope.Scope> {
  const scope = yield* Scope.fork(yield* Scope.Scope)
  const context = yield* Scope.provide(Layer.build(Layer.fresh(layer)), scope)
  return {
    access: Context.get(context, Access.Access),
    registry: Context.get(context, RuntimeRegistry.RuntimeRegistry),
    liveness: Context.get(context, Liveness.Liveness),
    skills: Context.get(context, SkillLibrary.SkillLibrary),
    machines: Context.get(context, Machines.Machines),
    membership: Context.get(context, Membership.Membership),
    repositories: Context.get(context, Repositories.Repositories),
    stop: Scope.close(scope, Exit.void)
  }
})

import {
  Access,
  AuditLog,
  Catalogue,
  Census,
  Limit,
  Liveness,
  Machines,
  Membership,
  Repositories,
  RequestJournal,
  RequestStore,
  RuntimeHistory,
  RuntimeRegistry,
  SkillLibrary,
  Store,
  TaskLog,
  TaskQueue,
  Wake
} from "@muster/domain"
import { AccessState, layerMemoryOn } from "@muster/store-memory"
import { Context, Effect, Layer } from "effect"

/** The contracts behind a server, as services. */
export interface Stores {
  readonly access: Access.Access["Service"]
  readonly registry: RuntimeRegistry.RuntimeRegistry["Service"]
  readonly liveness: Liveness.Liveness["Service"]
  readonly requests: RequestStore.RequestStore["Service"]
  readonly wake: Wake.Wake["Service"]
  readonly machines: Machines.Machines["Service"]
  readonly membership: Membership.Membership["Service"]
  readonly repositories: Repositories.Repositories["Service"]
  readonly skills: SkillLibrary.SkillLibrary["Service"]
  readonly catalogue: Catalogue.ModelCatalogue["Service"]
  readonly journal: RequestJournal.RequestJournal["Service"]
  readonly audit: AuditLog.AuditLog["Service"]
  readonly history: RuntimeHistory.RuntimeHistory["Service"]
  readonly limits: Limit.LimitStore["Service"]
  readonly tasks: TaskQueue.TaskQueue["Service"]
  readonly taskLog: TaskLog.TaskLog["Service"]
}

/** What a test puts in a store's place: the store itself, with some operations changed. */
export type Wraps = { readonly [K in keyof Stores]?: (real: Stores[K]) => Partial<Stores[K]> }

/** All contracts in memory. The state of access is open to tests. */
export const makeStores = Effect.fnUntraced(function*(wraps: Wraps, state = new AccessState()) {
  const real = yield* Layer.build(layerMemoryOn(state))
  const wrapped = <S extends object>(service: S, wrap: ((real: S) => Partial<S>) | undefined): S => ({
    ...service,
    ...wrap?.(service)
  })
  const stores: Stores = {
    access: wrapped(Context.get(real, Access.Access), wraps.access),
    registry: wrapped(Context.get(real, RuntimeRegistry.RuntimeRegistry), wraps.registry),
    liveness: wrapped(Context.get(real, Liveness.Liveness), wraps.liveness),
    requests: wrapped(Context.get(real, RequestStore.RequestStore), wraps.requests),
    wake: wrapped(Context.get(real, Wake.Wake), wraps.wake),
    machines: wrapped(Context.get(real, Machines.Machines), wraps.machines),
    membership: wrapped(Context.get(real, Membership.Membership), wraps.membership),
    repositories: wrapped(Context.get(real, Repositories.Repositories), wraps.repositories),
    skills: wrapped(Context.get(real, SkillLibrary.SkillLibrary), wraps.skills),
    catalogue: wrapped(Context.get(real, Catalogue.ModelCatalogue), wraps.catalogue),
    journal: wrapped(Context.get(real, RequestJournal.RequestJournal), wraps.journal),
    audit: wrapped(Context.get(real, AuditLog.AuditLog), wraps.audit),
    history: wrapped(Context.get(real, RuntimeHistory.RuntimeHistory), wraps.history),
    limits: wrapped(Context.get(real, Limit.LimitStore), wraps.limits),
    tasks: wrapped(Context.get(real, TaskQueue.TaskQueue), wraps.tasks),
    taskLog: wrapped(Context.get(real, TaskLog.TaskLog), wraps.taskLog)
  }
  const layer = Layer.mergeAll(
    Layer.succeed(Access.Access, stores.access),
    Layer.succeed(RuntimeRegistry.RuntimeRegistry, stores.registry),
    Layer.succeed(Liveness.Liveness, stores.liveness),
    Layer.succeed(RequestStore.RequestStore, stores.requests),
    Layer.succeed(Wake.Wake, stores.wake),
    Layer.succeed(Machines.Machines, stores.machines),
    Layer.succeed(Membership.Membership, stores.membership),
    Layer.succeed(Repositories.Repositories, stores.repositories),
    Layer.succeed(SkillLibrary.SkillLibrary, stores.skills),
    Layer.succeed(Catalogue.ModelCatalogue, stores.catalogue),
    Layer.succeed(RequestJournal.RequestJournal, stores.journal),
    Layer.succeed(AuditLog.AuditLog, stores.audit),
    Layer.succeed(RuntimeHistory.RuntimeHistory, stores.history),
    Layer.succeed(Limit.LimitStore, stores.limits),
    Layer.succeed(TaskQueue.TaskQueue, stores.tasks),
    Layer.succeed(TaskLog.TaskLog, stores.taskLog),
    Layer.succeed(Census.Census, Context.get(real, Census.Census))
  )
  return { state, stores, layer }
})

/** The error of a call to a dead backend. */
export const dead = (operation: string) =>
  Effect.fail(new Store.StoreUnavailable({ operation, cause: new Error("switched off") }))

/** Any operation of a store, named in a table. */
export type AnyCall = (...args: Array<any>) => Effect.Effect<any, any>

/** A switch in front of a store's operations. */
export class Outage {
  down = false

  /** The operation, failing while the switch is on; `seen` gets each failed call. */
  guard<Args extends Array<unknown>, A, E>(
    operation: string,
    call: (...args: Args) => Effect.Effect<A, E>,
    seen: Effect.Effect<unknown> = Effect.void
  ) {
    return (...args: Args) =>
      Effect.suspend((): Effect.Effect<A, E | Store.StoreUnavailable> =>
        this.down ? Effect.andThen(seen, dead(operation)) : call(...args)
      )
  }
}

import {
  Access,
  Liveness,
  ModelCatalogue,
  RequestJournal,
  RequestStore,
  RuntimeRegistry,
  SkillLibrary,
  StoreUnavailable,
  Wake
} from "@muster/domain"
import { AccessMemory, AccessState, layerMemoryOver } from "@muster/store-memory"
import { Context, Effect, Layer } from "effect"

/** The contracts behind a server, as services. */
export interface Stores {
  readonly access: Access["Service"]
  readonly registry: RuntimeRegistry["Service"]
  readonly liveness: Liveness["Service"]
  readonly requests: RequestStore["Service"]
  readonly wake: Wake["Service"]
  readonly skills: SkillLibrary["Service"]
  readonly catalogue: ModelCatalogue["Service"]
  readonly journal: RequestJournal["Service"]
}

/** What a test puts in a store's place: the store itself, with some operations changed. */
export type Wraps = { readonly [K in keyof Stores]?: (real: Stores[K]) => Partial<Stores[K]> }

/** All contracts in memory. The state of access lies open, for what the contract cannot do: take a member away. */
export const makeStores = Effect.fnUntraced(function*(wraps: Wraps) {
  const state = new AccessState()
  const real = yield* Layer.build(layerMemoryOver(AccessMemory.layerOn(state)))
  const wrapped = <S extends object>(service: S, wrap: ((real: S) => Partial<S>) | undefined): S => ({
    ...service,
    ...wrap?.(service)
  })
  const stores: Stores = {
    access: wrapped(Context.get(real, Access), wraps.access),
    registry: wrapped(Context.get(real, RuntimeRegistry), wraps.registry),
    liveness: wrapped(Context.get(real, Liveness), wraps.liveness),
    requests: wrapped(Context.get(real, RequestStore), wraps.requests),
    wake: wrapped(Context.get(real, Wake), wraps.wake),
    skills: wrapped(Context.get(real, SkillLibrary), wraps.skills),
    catalogue: wrapped(Context.get(real, ModelCatalogue), wraps.catalogue),
    journal: wrapped(Context.get(real, RequestJournal), wraps.journal)
  }
  const layer = Layer.mergeAll(
    Layer.succeed(Access, stores.access),
    Layer.succeed(RuntimeRegistry, stores.registry),
    Layer.succeed(Liveness, stores.liveness),
    Layer.succeed(RequestStore, stores.requests),
    Layer.succeed(Wake, stores.wake),
    Layer.succeed(SkillLibrary, stores.skills),
    Layer.succeed(ModelCatalogue, stores.catalogue),
    Layer.succeed(RequestJournal, stores.journal)
  )
  return { state, stores, layer }
})

/** What a call to a dead backend ends with. */
export const dead = (operation: string) =>
  Effect.fail(new StoreUnavailable({ operation, cause: new Error("switched off") }))

/** Any operation of a store, where a table names it. */
export type AnyCall = (...args: Array<any>) => Effect.Effect<any, any>

/** A switch in front of a store's operations. */
export class Outage {
  down = false

  /** The operation, failing while the switch is on; `seen` is told of each call that failed. */
  guard<Args extends Array<unknown>, A, E>(
    operation: string,
    call: (...args: Args) => Effect.Effect<A, E>,
    seen: Effect.Effect<unknown> = Effect.void
  ) {
    return (...args: Args) =>
      Effect.suspend((): Effect.Effect<A, E | StoreUnavailable> =>
        this.down ? Effect.andThen(seen, dead(operation)) : call(...args)
      )
  }
}

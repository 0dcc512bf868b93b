import { type Machine, Machines, type Runtime, RuntimeRegistry, WireError } from "@muster/domain"
import { interruptInBackground } from "@muster/kit"
import { Context, Duration, Effect, Layer, Option } from "effect"
import { makeMemo } from "../memo/Memo.ts"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"

/** How long an answer of the store may be reused: a drain takes effect on every replica within this time. */
const maxAge = Duration.seconds(4)

/** How long reading a drain may delay a claim. A store that does not answer in time drains nothing. */
const timeout = Duration.seconds(1)

type Held = Pick<Runtime.Runtime, "workspaceId" | "ownerId" | "daemonId">
type Key = readonly [...Parameters<Machines.Machines["Service"]["drainOf"]>]

const none = Effect.succeedNone

/** Which machines take no new work. */
export class Drains extends Context.Service<Drains, {
  /** Fails with `machine_draining` if the runtime's machine is drained. */
  readonly refuse: (runtime: Held) => Effect.Effect<void, WireError.Conflict>
  /** Whether the runtime's machine is drained: none of its requests is delivered. */
  readonly holds: (id: Runtime.RuntimeId) => Effect.Effect<boolean>
  /** Makes a change of the machine's drain visible on this replica immediately. */
  readonly forget: (machine: Machine.Machine) => Effect.Effect<void>
}>()("@muster/server/machine/Drains") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const directory = yield* RuntimeDirectory
      const machines = yield* Machines.Machines
      const drains = yield* makeMemo({
        lookup: (key: string) => machines.drainOf(...JSON.parse(key) as Key),
        keep: () => true,
        maxAge
      })

      const drainOf = ({ daemonId, ownerId, workspaceId }: Held) =>
        daemonId === null || ownerId === null
          ? none
          : interruptInBackground(drains.get(JSON.stringify([workspaceId, ownerId, daemonId]))).pipe(
            Effect.timeoutOrElse({ duration: timeout, orElse: () => none }),
            Effect.catch(() => none)
          )

      return Drains.of({
        refuse: (runtime) =>
          Effect.flatMap(
            drainOf(runtime),
            (drain) => Option.isNone(drain) ? Effect.void : Effect.fail(WireError.machineDraining(drain.value))
          ),
        holds: (id) =>
          Effect.orElseSucceed(directory.find(id), () => RuntimeRegistry.gone.unknown).pipe(
            Effect.flatMap((found) =>
              found._tag === "Found" ? Effect.map(drainOf(found.runtime), Option.isSome) : Effect.succeed(false)
            )
          ),
        forget: ({ daemonId, ownerId, workspaces }) =>
          Effect.forEach(workspaces, (id) => drains.forget(JSON.stringify([id, ownerId, daemonId])), { discard: true })
      })
    })
  )
}

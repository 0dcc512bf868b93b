import { DaemonSocket, Instances, type Request, type Runtime, RuntimeRegistry, Wake, WireError } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Clock, Effect, Option } from "effect"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"

const none: Request.Json = {}

/**
 * Decides which process of a daemon beats, by the rule `afterBeat`. Nearly every beat compares with the cached row
 * only; a change is written immediately and made visible to the other replicas.
 */
export const makeInstances = Effect.gen(function*() {
  const conditions = yield* Conditions
  const directory = yield* RuntimeDirectory
  const registry = yield* RuntimeRegistry.RuntimeRegistry
  const wake = yield* Wake.Wake

  const say = ({ daemonId, deviceInfo, name }: Runtime.Runtime) =>
    conditions.begin(
      `second daemon:${daemonId}`,
      "two machines use one daemon id (its data folder was copied); notifying the second one to take a new id",
      {
        annotations: { daemon_id: daemonId, runtime: name, device: deviceInfo },
        lapse: "only one machine uses that daemon id again"
      }
    )

  const write = Effect.fnUntraced(function*({ id, workspaceId }: Runtime.Runtime, instance: string) {
    const row = yield* registry.beaten(id, instance).pipe(
      Effect.mapError((cause) => WireError.fault("heartbeat failed", cause))
    )
    yield* directory.forget([id])
    // The replica with the socket of the other process reads the row again.
    yield* wake.publish(Wake.topic.runtime(id))
    if (Option.isSome(row) && row.value.instances?.proven === true) {
      yield* say(row.value)
      yield* wake.publish(Wake.topic.workspace(workspaceId))
    }
    return Option.match(row, { onNone: () => null, onSome: ({ instances = null }) => instances })
  })

  return {
    /** Fails with 409 `second_daemon` for a second machine. `instance` is empty if the daemon sends none. */
    judge: (
      runtime: Runtime.Runtime,
      instance: string
    ): Effect.Effect<void, WireError.Conflict | WireError.ServerFault> =>
      instance === "" ? Effect.void : Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const known = runtime.instances ?? null
        const next = Instances.afterBeat(known, instance, now)
        if (next === known) {
          return Instances.isSecond(known, instance)
            ? Effect.fail(WireError.secondDaemon())
            : Effect.void
        }
        return Effect.flatMap(
          write(runtime, instance),
          (written) => Instances.isSecond(written, instance) ? Effect.fail(WireError.secondDaemon()) : Effect.void
        )
      })
  }
})

/** Returns the notice in the ack to the daemon that keeps the id. */
export const noticeFor = (runtime: Runtime.Runtime | undefined, instance: string, now: number): Request.Json =>
  instance !== "" && Instances.isToBeTold(runtime?.instances ?? null, instance, now)
    ? DaemonSocket.secondDaemonNotice
    : none

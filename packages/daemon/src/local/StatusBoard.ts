import { Conditions } from "@muster/kit"
import { Context, Effect, Latch, Layer } from "effect"
import type { DaemonSnapshot } from "../DaemonStatus.ts"

/**
 * Where the daemon, once it is there, shows how it is, and where it is told to stop: what stands between the local port,
 * which is up first, and all that comes after.
 */
export class StatusBoard extends Context.Service<StatusBoard, {
  readonly show: (snapshot: Effect.Effect<DaemonSnapshot>) => Effect.Effect<void>
  /** Before there is a daemon to tell: `starting`, and what is wrong. */
  readonly snapshot: Effect.Effect<DaemonSnapshot>
  /** Somebody asks the process to end. */
  readonly askToStop: Effect.Effect<void>
  readonly stopAsked: Effect.Effect<void>
}>()("@muster/daemon/local/StatusBoard") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const conditions = yield* Conditions
      const stop = yield* Latch.make()
      let shown: Effect.Effect<DaemonSnapshot> = Effect.map(conditions.worst, (problem) => ({
        state: "starting",
        problem,
        runtimes: [],
        clis: [],
        workspaces: [],
        skipped: [],
        socket: "disconnected",
        outbox: { reports: 0, bytes: 0 },
        clockSkew: null
      }))
      return {
        show: (snapshot) => Effect.sync(() => void (shown = snapshot)),
        snapshot: Effect.suspend(() => shown),
        askToStop: Effect.asVoid(stop.open),
        stopAsked: stop.await
      }
    })
  )
}

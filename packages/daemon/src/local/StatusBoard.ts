import { Conditions } from "@muster/kit"
import { Context, Effect, Latch, Layer } from "effect"
import type { DaemonSnapshot } from "../DaemonStatus.ts"
import { credentialStatus } from "../machine/CredentialStatus.ts"

/**
 * The connection between the local port, which starts first, and the daemon, which starts later: the daemon provides its status
 * here, and the port requests its stop.
 */
export class StatusBoard extends Context.Service<StatusBoard, {
  readonly show: (snapshot: Effect.Effect<DaemonSnapshot>) => Effect.Effect<void>
  /** The status. Before the daemon exists: `starting`, with the current problem. */
  readonly snapshot: Effect.Effect<DaemonSnapshot>
  /** Requests that the process ends. */
  readonly askToStop: Effect.Effect<void>
  readonly stopAsked: Effect.Effect<void>
  /** Requests that the stop waits for no task. */
  readonly hurry: Effect.Effect<void>
  readonly hurried: Effect.Effect<void>
}>()("@muster/daemon/local/StatusBoard") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const conditions = yield* Conditions
      const stop = yield* Latch.make()
      const now = yield* Latch.make()
      const credential = yield* credentialStatus
      let shown: Effect.Effect<DaemonSnapshot> = Effect.map(conditions.worst, (problem) => ({
        state: "starting",
        problem,
        runtimes: [],
        clis: [],
        workspaces: [],
        skipped: [],
        socket: "disconnected",
        credential,
        outbox: { reports: 0, bytes: 0 },
        tasks: [],
        clockSkew: null
      }))
      return {
        show: (snapshot) => Effect.sync(() => void (shown = snapshot)),
        snapshot: Effect.suspend(() => shown),
        askToStop: Effect.asVoid(stop.open),
        stopAsked: stop.await,
        hurry: Effect.asVoid(now.open),
        hurried: now.await
      }
    })
  )
}

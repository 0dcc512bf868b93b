import { Context, Effect, Latch, Layer } from "effect"
import { ServerApi } from "./ServerApi.ts"
import type { ServerError } from "./ServerError.ts"

/** Whether the server can be reached, as the daemon's own calls find out. */
export class ServerReach extends Context.Service<ServerReach, {
  /** Waits until the server answers anything again after a call that found nobody there. */
  readonly returned: Effect.Effect<void>
}>()("@muster/daemon/server/ServerReach") {
  /** The same server, watched. */
  static readonly layer = Layer.effectContext(Effect.gen(function*() {
    const server = yield* ServerApi
    let away = false
    // Who waits holds the latch of their time: each return opens one and puts the next in its place.
    let latch = yield* Latch.make()

    const answered = Effect.suspend(() => {
      if (!away) return Effect.void
      away = false
      const [opened, next] = [latch, Latch.makeUnsafe()]
      latch = next
      return opened.open
    })
    const watch = <A, E extends ServerError>(call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      call.pipe(
        Effect.tap(() => answered),
        Effect.tapError((error) => {
          if (error._tag !== "Unreachable" || error.status !== null) return answered
          away = true
          return Effect.void
        })
      )

    return Context.make(ServerReach, { returned: Effect.suspend(() => latch.await) }).pipe(
      Context.add(ServerApi, {
        ...server,
        workspaces: watch(server.workspaces),
        register: (workspace, clis) => watch(server.register(workspace, clis)),
        heartbeat: (runtime) => watch(server.heartbeat(runtime)),
        recoverOrphans: (runtime) => watch(server.recoverOrphans(runtime)),
        report: (report) => watch(server.report(report))
      })
    )
  }))
}

import { WebSocket } from "@effect/platform-node/NodeWS"
import { Context, Duration, Effect, Layer } from "effect"

/** Between two sweeps. Each sweep pings the sockets that were opened at the same time of the round, not all at once. */
const step = Duration.seconds(1)

/** The sweeps of a round: a socket is pinged each 54 s, first 54 s after it was opened. Source: `wire.md` 6.3. */
const groups = 54

/** Sweeps between a ping and the check of its pong: 6 s. */
const grace = 6

/** The close code of a socket that did not answer a ping. */
const noPong = { code: 4000, reason: "no pong for 60 s" }

/**
 * Pings every socket of this server each 54 s, and closes one that has not answered 6 s later. Only pongs count: they show
 * that both directions work, which beats do not. A pong is no sign of life of a runtime. One fiber serves all sockets.
 */
export class Pings extends Context.Service<Pings, {
  /** The class for the server's sockets: an open socket of this class is pinged. */
  readonly WebSocket: typeof WebSocket
}>()("@muster/server/socket/Pings") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const members = Array.from({ length: groups }, () => new Set<Pinged>())
      let turn = 0

      class Pinged extends WebSocket {
        answered = true

        constructor(...args: ReadonlyArray<any>) {
          super(...args as ConstructorParameters<typeof WebSocket>)
          const group = members[turn]!
          group.add(this)
          this.on("pong", () => void (this.answered = true))
          this.on("close", () => group.delete(this))
        }
      }

      const ping = (socket: Pinged) => {
        if (socket.readyState !== WebSocket.OPEN) return
        socket.answered = false
        socket.ping()
      }

      const check = (socket: Pinged) => {
        if (socket.answered) return
        // The peer reads the reason if it can read; a peer that cannot must not hold up the end.
        socket.close(noPong.code, noPong.reason)
        socket.terminate()
      }

      const sweep = Effect.gen(function*() {
        while (true) {
          yield* Effect.sleep(step)
          turn = (turn + 1) % groups
          members[(turn + groups - grace) % groups]!.forEach(check)
          members[turn]!.forEach(ping)
        }
      })
      yield* Effect.forkScoped(sweep)
      return { WebSocket: Pinged }
    })
  )
}

import { WebSocket } from "@effect/platform-node/NodeWS"
import { Context, Duration, Effect, Layer } from "effect"

/** The time between two sweeps. Each sweep pings the sockets that were opened in the same step of the round. */
const step = Duration.seconds(1)

/**
 * The sweeps of a round: a socket is pinged each 54 s, first 54 s after it was opened. Source: `docs/protocol.md` 6.3.
 */
const groups = 54

/** Sweeps between a ping and the check of its pong: 6 s. */
const grace = 6

/** How a socket is closed that did not answer a ping. */
const noPong = { code: 4000, reason: "no pong for 60 s" }

/**
 * Pings every socket of this server each 54 s, and closes a socket that has not answered 6 s later. Only pongs count:
 * they show that both directions work, which beats do not. A pong is not a beat of a runtime. One fiber serves all
 * sockets.
 */
export class Pings extends Context.Service<Pings, {
  /**
   * Pings this open socket now, and from now on until it closes. Calls `proven` at the first pong, which shows that the server's frames
   * arrive: a proxy may pass an upgrade and drop the frames.
   */
  readonly join: (socket: WebSocket, proven: () => void) => void
}>()("@muster/server/socket/Pings") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const members = Array.from({ length: groups }, () => new Set<WebSocket>())
      /** The sockets that have not answered their last ping. */
      const unanswered = new Set<WebSocket>()
      let turn = 0

      const answered = function(this: WebSocket) {
        unanswered.delete(this)
      }

      const ping = (socket: WebSocket) => {
        if (socket.readyState !== WebSocket.OPEN) return
        unanswered.add(socket)
        socket.ping()
      }

      const check = (socket: WebSocket) => {
        if (!unanswered.has(socket)) return
        // The peer may read the reason; a peer that does not read must not delay the close.
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

      const join = (socket: WebSocket, proven: () => void) => {
        const group = members[turn]!
        group.add(socket)
        socket.on("pong", answered)
        socket.once("pong", proven)
        socket.once("close", () => {
          group.delete(socket)
          unanswered.delete(socket)
        })
        socket.ping()
      }
      return { join }
    })
  )
}

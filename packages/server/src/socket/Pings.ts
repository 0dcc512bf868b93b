import { type ServerOptions, WebSocket } from "@effect/platform-node/NodeWS"
import { Context, Duration, Effect, Layer } from "effect"
import type { IncomingMessage } from "node:http"

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
  /** Options for the server's sockets, which register them here. */
  readonly options: Pick<ServerOptions, "WebSocket" | "verifyClient">
  /**
   * Pings the socket of this upgrade request and waits for its pong, which shows that the server's frames arrive. A proxy
   * may pass an upgrade and drop the frames.
   */
  readonly proof: (request: object) => Effect.Effect<void>
}>()("@muster/server/socket/Pings") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const members = Array.from({ length: groups }, () => new Set<Pinged>())
      /** The sockets by their upgrade requests. */
      const upgraded = new WeakMap<object, Pinged>()
      let upgrading: IncomingMessage | undefined
      let turn = 0

      class Pinged extends WebSocket {
        answered = true

        constructor(...args: ReadonlyArray<any>) {
          super(...args as ConstructorParameters<typeof WebSocket>)
          if (upgrading !== undefined) upgraded.set(upgrading, this)
          upgrading = undefined
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

      const proof = (request: object) =>
        Effect.callback<void>((resume) => {
          const socket = upgraded.get(request)
          if (socket === undefined) return resume(Effect.void)
          const done = () => resume(Effect.void)
          socket.once("pong", done)
          if (socket.readyState === WebSocket.OPEN) socket.ping()
          return Effect.sync(() => socket.off("pong", done))
        })

      // `ws` creates the socket in the same synchronous step as this call.
      const verifyClient = ({ req }: { readonly req: IncomingMessage }) => {
        upgrading = req
        return true
      }
      return { options: { WebSocket: Pinged, verifyClient }, proof }
    })
  )
}

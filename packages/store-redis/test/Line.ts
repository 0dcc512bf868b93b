import { Effect, type Scope } from "effect"
import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** The line to a server, which a test may disturb and watch. */
export interface Line {
  readonly port: number
  /** Cuts every connection, and refuses new ones until `mend`. */
  readonly cut: Effect.Effect<void>
  readonly mend: Effect.Effect<void>
  /** How often somebody wrote after an answer came, on all connections: round trips, where each waits for the last. */
  readonly turns: () => number
}

/** A line of a test's own to this port of 127.0.0.1. */
export const lineTo = (target: number): Effect.Effect<Line, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const sockets = new Set<Socket>()
        let [isCut, turns] = [false, 0]
        const server = createServer((near) => {
          near.on("error", () => near.destroy())
          if (isCut) return near.destroy()
          const far = connect(target, "127.0.0.1")
          let answered = true
          near.on("data", () => {
            if (answered) turns++
            answered = false
          })
          far.on("data", () => {
            answered = true
          })
          for (const [from, to] of [[near, far], [far, near]] as const) {
            from.setNoDelay(true)
            sockets.add(from)
            from.on("data", (chunk) => to.write(chunk))
            from.on("error", () => to.destroy())
            from.on("close", () => {
              sockets.delete(from)
              to.destroy()
            })
          }
        })
        server.listen(0, "127.0.0.1")
        await once(server, "listening")
        const line: Line = {
          port: (server.address() as AddressInfo).port,
          cut: Effect.sync(() => {
            isCut = true
            for (const socket of sockets) socket.destroy()
          }),
          mend: Effect.sync(() => {
            isCut = false
          }),
          turns: () => turns
        }
        return { line, server, sockets }
      }),
      ({ server, sockets }) =>
        Effect.promise(async () => {
          for (const socket of sockets) socket.destroy()
          server.close()
          await once(server, "close")
        })
    ),
    ({ line }) => line
  )

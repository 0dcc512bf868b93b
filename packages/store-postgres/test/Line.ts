import { Effect, Redacted, type Scope } from "effect"
import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** The line to a database, which a test may disturb. */
export interface Line {
  /** The database's URL by way of this line. */
  readonly url: Redacted.Redacted
  /** Cuts every connection, and refuses new ones until `mend`. */
  readonly cut: Effect.Effect<void>
  /** From now on nothing comes through, in either direction, until `mend`: neither an answer nor an end. */
  readonly stall: Effect.Effect<void>
  readonly mend: Effect.Effect<void>
}

/** A line of a test's own to the database with this URL. */
export const lineTo = (url: Redacted.Redacted): Effect.Effect<Line, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const target = new URL(Redacted.value(url))
        const sockets = new Set<Socket>()
        let state: "open" | "cut" | "stalled" = "open"
        const server = createServer((near) => {
          if (state === "cut") return near.destroy()
          const far = connect(Number(target.port), target.hostname)
          for (const [from, to] of [[near, far], [far, near]] as const) {
            sockets.add(from)
            from.on("data", (chunk) => to.write(chunk))
            from.on("error", () => to.destroy())
            from.on("close", () => {
              sockets.delete(from)
              to.destroy()
            })
            if (state === "stalled") from.pause()
          }
        })
        server.listen(0, "127.0.0.1")
        await once(server, "listening")
        const through = new URL(target)
        through.port = String((server.address() as AddressInfo).port)
        const turn = (next: typeof state, each: (socket: Socket) => void) =>
          Effect.sync(() => {
            state = next
            for (const socket of sockets) each(socket)
          })
        const line: Line = {
          url: Redacted.make(through.href),
          cut: turn("cut", (socket) => socket.destroy()),
          stall: turn("stalled", (socket) => socket.pause()),
          mend: turn("open", (socket) => socket.resume())
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

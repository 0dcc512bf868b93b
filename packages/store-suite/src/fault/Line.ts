import { Effect, Redacted, type Scope } from "effect"
import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** The line to a server, which a test may disturb and watch. */
export interface Line {
  /** The port of 127.0.0.1 that replaces the server's own. */
  readonly port: number
  /** Cuts every connection, and refuses new ones until `mend`. */
  readonly cut: Effect.Effect<void>
  /** From now on no data passes, in either direction, until `mend`: neither an answer nor an end. */
  readonly stall: Effect.Effect<void>
  /**
   * From now on no data passes through the open connections, as if their server's machine had vanished. New ones work.
   */
  readonly strand: Effect.Effect<void>
  /** Opens what was cut, stalled or stranded. */
  readonly mend: Effect.Effect<void>
  /** New connections lead to this port of the same host from now on, as after a failover; open ones do not change. */
  readonly redirect: (port: number) => Effect.Effect<void>
  /**
   * From the nth match of `words` on, the connection that sent them gets no answer any more. Ends when the first answer
   * is withheld: the server executed the words, and the sender does not know.
   */
  readonly muteAfter: (words: RegExp, nth?: number) => Effect.Effect<void>
  /** The number of writes after an answer, on all connections: round trips, if each waits for the last. */
  readonly turns: () => number
}

/** The maximum of sent text that is read again with the following text, in characters: words may arrive in pieces. */
const mostKept = 16_384

/** How often the words occur in the text, and what follows the last occurrence. */
const find = (words: RegExp, text: string) => {
  const found = [...text.matchAll(new RegExp(words, `g${words.flags.replace("g", "")}`))]
  const last = found.at(-1)
  const rest = last === undefined ? text : text.slice(last.index + last[0].length)
  return { count: found.length, rest: rest.slice(-mostKept) }
}

const makeLine = async (port: number, host: string) => {
  const sockets = new Set<Socket>()
  let state: "open" | "cut" | "stalled" = "open"
  let turns = 0
  let target = port
  let mute: { readonly words: RegExp; left: number; readonly kept: () => void } | undefined
  const server = createServer((near) => {
    near.on("error", () => near.destroy())
    if (state === "cut") return near.destroy()
    const far = connect(target, host)
    let answered = true
    let muted: typeof mute
    let sent = ""
    near.on("data", (chunk) => {
      if (answered) turns++
      answered = false
      if (mute === undefined) sent = ""
      else {
        const { count, rest } = find(mute.words, sent + chunk.toString("latin1"))
        sent = rest
        mute.left -= count
        if (mute.left <= 0) {
          muted = mute
          mute = undefined
        }
      }
      far.write(chunk)
    })
    far.on("data", (chunk) => {
      answered = true
      if (muted === undefined) near.write(chunk)
      else muted.kept()
    })
    for (const [from, to] of [[near, far], [far, near]] as const) {
      from.setNoDelay(true)
      sockets.add(from)
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
  const turn = (next: typeof state, each: (socket: Socket) => void) =>
    Effect.sync(() => {
      state = next
      for (const socket of sockets) each(socket)
    })
  const line: Line = {
    port: (server.address() as AddressInfo).port,
    cut: turn("cut", (socket) => socket.destroy()),
    stall: turn("stalled", (socket) => socket.pause()),
    strand: turn("open", (socket) => socket.pause()),
    mend: turn("open", (socket) => socket.resume()),
    redirect: (port) =>
      Effect.sync(() => {
        target = port
      }),
    muteAfter: (words, nth = 1) =>
      Effect.callback((resume) => {
        mute = { words, left: nth, kept: () => resume(Effect.void) }
      }),
    turns: () => turns
  }
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, "close")
  }
  return { line, close }
}

/** A line of a test's own to this port. */
export const lineTo = (port: number, host = "127.0.0.1"): Effect.Effect<Line, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(() => makeLine(port, host)),
      ({ close }) => Effect.promise(close)
    ),
    ({ line }) => line
  )

/** A line of a test's own to the server with this URL, and the same URL by way of the line. */
export const lineToUrl = Effect.fnUntraced(function*(url: Redacted.Redacted) {
  const through = new URL(Redacted.value(url))
  const line = yield* lineTo(Number(through.port), through.hostname)
  through.port = String(line.port)
  return { ...line, url: Redacted.make(through.href) }
})

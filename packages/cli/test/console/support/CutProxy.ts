import { Effect } from "effect"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** The request of a task's stream, in what a browser sends. */
const stream = /GET \/api\/tasks\/[^ ]+\/stream[ ?]/

/** A connection between browser and server, whose sides end together. */
interface Line {
  readonly browser: Socket
  readonly server: Socket
  isStream: boolean
  isDead: boolean
}

/** A network between browser and server that a test can break; until the scope ends. */
export const cutProxy = Effect.fnUntraced(function*(to: string) {
  const { hostname, port } = new URL(to)
  const lines = new Set<Line>()
  let isAway = false
  let isArmed = false
  const end = ({ browser, server }: Line) => {
    browser.destroy()
    server.destroy()
  }
  const proxy = createServer((browser) => {
    const line: Line = { browser, server: connect(Number(port), hostname), isStream: false, isDead: false }
    if (isAway) return end(line)
    lines.add(line)
    const over = () => {
      lines.delete(line)
      end(line)
    }
    for (const side of [line.browser, line.server]) side.on("error", over).on("close", over)
    browser.on("data", (chunk) => {
      line.isStream = stream.test(chunk.toString("latin1"))
      line.server.write(chunk)
    })
    line.server.on("data", (chunk: Buffer) => {
      if (line.isDead) return
      if (!isArmed || !line.isStream) return void browser.write(chunk)
      isArmed = false
      browser.write(chunk.subarray(0, chunk.length / 2), over)
    })
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void proxy.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () =>
      Effect.callback<void>((resume) => {
        proxy.close(() => resume(Effect.void))
        lines.forEach(end)
      })
  )
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    /** Passes on half of what the server sends next on a stream of a task, and cuts that connection there. */
    cutNext: () => {
      isArmed = true
    },
    /** Whether the cut that was asked for has happened. */
    hasCut: () => !isArmed,
    /** What the server sends on the present streams of tasks is lost, and no side learns that, as after a sleep. */
    letDie: () => {
      for (const line of lines) line.isDead = line.isStream
    },
    /** Cuts every connection, and refuses others until `comeBack`. */
    goAway: () => {
      isAway = true
      lines.forEach(end)
    },
    comeBack: () => {
      isAway = false
    }
  }
})

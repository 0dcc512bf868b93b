import { DaemonSocket, Runtime } from "@muster/domain"
import { Cause, Effect, Layer, Queue } from "effect"
import { Dial } from "../../src/beat/Dial.ts"
import { SocketEnded } from "../../src/beat/SocketEnded.ts"
import type { FakeServer } from "./FakeServer.ts"

type Inbox = Queue.Queue<string | Uint8Array, SocketEnded>

/** Sockets to the server in memory: it answers each beat at once, with what it has for that runtime. */
export class ServedDial {
  readonly #server: FakeServer
  readonly #open = new Set<Inbox>()
  /** The beats of ids that the server does not have. */
  readonly ghosts: Array<Runtime.RuntimeId> = []

  constructor(server: FakeServer) {
    this.#server = server
  }

  /** All connections end. */
  drop() {
    for (const inbox of this.#open) {
      Queue.failCauseUnsafe(inbox, Cause.fail(new SocketEnded({ reason: "closed with 1006", status: null })))
    }
  }

  #answer(frame: string) {
    const id = Runtime.RuntimeId.make((JSON.parse(frame) as { payload: { runtime_id: string } }).payload.runtime_id)
    if (this.#server.has(id)) {
      const work = this.#server.work.get(id) ?? {}
      this.#server.work.delete(id)
      return DaemonSocket.ackFrame(id, work)
    }
    this.ghosts.push(id)
    return DaemonSocket.goneFrame(id)
  }

  readonly layer = Layer.succeed(Dial, {
    dial: () =>
      Effect.gen({ self: this }, function*() {
        const inbox = yield* Queue.unbounded<string | Uint8Array, SocketEnded>()
        const heard = yield* Queue.sliding<void>(1)
        yield* Effect.acquireRelease(
          Effect.sync(() => this.#open.add(inbox)),
          () => Effect.sync(() => this.#open.delete(inbox))
        )
        return {
          frames: Queue.takeAll(inbox),
          send: (frame) =>
            Effect.sync(() => {
              Queue.offerUnsafe(inbox, this.#answer(frame))
              Queue.offerUnsafe(heard, undefined)
            }),
          heard: Queue.take(heard)
        }
      })
  })
}

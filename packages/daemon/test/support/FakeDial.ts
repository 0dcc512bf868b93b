import type { Runtime } from "@muster/domain"
import { Cause, Clock, Effect, Layer, Queue, type Scope } from "effect"
import { type Connection, Dial } from "../../src/beat/Dial.ts"
import { SocketEnded } from "../../src/beat/SocketEnded.ts"

const ended = (reason: string, status: number | null = null) => new SocketEnded({ reason, status })

/** A connection whose other end is in the test. */
export class FakeConnection {
  readonly ids: ReadonlyArray<Runtime.RuntimeId>
  readonly sent: Array<string> = []
  readonly inbox: Queue.Queue<string | Uint8Array, SocketEnded>
  readonly heard: Queue.Queue<void>
  open = true

  constructor(
    ids: ReadonlyArray<Runtime.RuntimeId>,
    inbox: Queue.Queue<string | Uint8Array, SocketEnded>,
    heard: Queue.Queue<void>
  ) {
    this.ids = ids
    this.inbox = inbox
    this.heard = heard
  }

  say(frame: string | Uint8Array) {
    Queue.offerUnsafe(this.heard, undefined)
    Queue.offerUnsafe(this.inbox, frame)
  }

  ping() {
    Queue.offerUnsafe(this.heard, undefined)
  }

  drop(reason = "closed with 1006") {
    Queue.failCauseUnsafe(this.inbox, Cause.fail(ended(reason)))
  }
}

/** A dial without a network: each connection is given to the test, or fails as it chooses. */
export class FakeDial {
  /** When the daemon dialed, in ms. */
  readonly times: Array<number> = []
  /** The status that refuses the next connections; 0: no network; undefined: they open. */
  refuse: number | undefined
  readonly connections: Array<FakeConnection> = []
  readonly #opened: Queue.Queue<FakeConnection>

  constructor(opened: Queue.Queue<FakeConnection>) {
    this.#opened = opened
  }

  static readonly make = Effect.map(Queue.unbounded<FakeConnection>(), (opened) => new FakeDial(opened))

  /** Waits for the next connection that has not been waited for. */
  get opened() {
    return Queue.take(this.#opened)
  }

  readonly layer = Layer.succeed(Dial, { dial: (ids) => this.#dial(ids) })

  #dial = Effect.fnUntraced(
    { self: this },
    function*(
      this: FakeDial,
      ids: ReadonlyArray<Runtime.RuntimeId>
    ): Effect.fn.Return<Connection, SocketEnded, Scope.Scope> {
      this.times.push(yield* Clock.currentTimeMillis)
      if (this.refuse !== undefined) return yield* ended("refused", this.refuse || null)
      const connection = new FakeConnection(
        ids,
        yield* Queue.unbounded<string | Uint8Array, SocketEnded>(),
        yield* Queue.sliding<void>(1)
      )
      yield* Effect.addFinalizer(() => Effect.sync(() => void (connection.open = false)))
      this.connections.push(connection)
      Queue.offerUnsafe(this.#opened, connection)
      return {
        frames: Queue.takeAll(connection.inbox),
        send: (frame) => Effect.sync(() => void connection.sent.push(frame)),
        heard: Queue.take(connection.heard)
      }
    }
  )
}

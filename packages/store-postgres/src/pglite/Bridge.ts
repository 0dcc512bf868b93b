import { closeFrames, queryFrame, readReply } from "./Frames.ts"
import { VirtualConnection } from "./VirtualConnection.ts"

/** The one session of an in-process database. */
export interface Session {
  readonly execProtocolRaw: (message: Uint8Array) => Promise<Uint8Array>
}

const bridges = new WeakMap<Session, Bridge>()

/**
 * Many connections on one session. They take turns, one batch at a time; a connection within a transaction keeps the
 * session until the server reports that it is idle. Notifications go to all. A connection that breaks off within a
 * transaction is rolled back before the next turn.
 */
export class Bridge {
  readonly #session: Session
  readonly #open = new Set<VirtualConnection>()
  /** Those with batches, in the order of arrival. */
  readonly #waiting = new Set<VirtualConnection>()
  /** The bridge's own batches, which precede any other turn. */
  readonly #chores: Array<Uint8Array> = []
  #owner: VirtualConnection | undefined
  #busy = false

  private constructor(session: Session) {
    this.#session = session
  }

  /** The one bridge of this session: two would not know of each other's transactions. */
  static of(session: Session): Bridge {
    const bridge = bridges.get(session) ?? new Bridge(session)
    bridges.set(session, bridge)
    return bridge
  }

  readonly connect = (): VirtualConnection => {
    const connection = new VirtualConnection(this)
    this.#open.add(connection)
    return connection
  }

  wait(connection: VirtualConnection): void {
    this.#waiting.add(connection)
    this.#next()
  }

  leave(connection: VirtualConnection): void {
    this.#open.delete(connection)
    this.#waiting.delete(connection)
    // The result of its last batch decides.
    if (this.#owner === connection && !this.#busy) this.#rollBack()
    if (connection.statements.size > 0) this.#chores.push(closeFrames(connection.statements))
    this.#next()
  }

  #next(): void {
    if (this.#busy) return
    const chore = this.#chores.shift()
    if (chore !== undefined) return this.#run(chore, undefined, () => {})
    const connection = this.#owner ?? this.#waiting.values().next().value
    const batch = connection?.batches.shift()
    if (connection === undefined || batch === undefined) return
    this.#owner = connection
    this.#waiting.delete(connection)
    for (const name of batch.prepared) connection.statements.add(name)
    for (const name of batch.closed) connection.statements.delete(name)
    const relisten = connection.channels.note(batch)
    this.#run(batch.bytes, connection, (status) => this.#settle(connection, status, relisten))
  }

  #settle(connection: VirtualConnection, status: string | undefined, relisten: boolean): void {
    if (status !== "I") return connection.destroyed ? this.#rollBack() : undefined
    this.#owner = undefined
    if (connection.batches.length > 0) this.#waiting.add(connection)
    if (relisten) this.#listenAgain()
  }

  #rollBack(): void {
    this.#owner = undefined
    this.#chores.push(queryFrame("ROLLBACK"))
  }

  /** One connection's UNLISTEN ended it for all on this session: the remaining channels are subscribed again. */
  #listenAgain(): void {
    const names = new Set([...this.#open].flatMap(({ channels }) => [...channels.names]))
    if (names.size > 0) this.#chores.push(queryFrame([...names].map((name) => `LISTEN ${name}`).join(";")))
  }

  /** The next turn is decided before the answer is sent: its receiver may send immediately. */
  #run(bytes: Uint8Array, asker: VirtualConnection | undefined, settle: (status: string | undefined) => void): void {
    this.#busy = true
    this.#session.execProtocolRaw(bytes).then(
      (reply) => {
        const { notifications, own, status } = readReply(reply)
        settle(status)
        this.#busy = false
        for (const message of notifications) for (const connection of this.#open) connection.push(message)
        if (asker?.destroyed === false) asker.push(own)
        return this.#next()
      },
      (error) => this.#break(error)
    )
  }

  /** The session is lost, and with it every connection. Later ones get the same error. */
  #break(error: Error): void {
    this.#busy = false
    this.#owner = undefined
    this.#chores.length = 0
    for (const connection of this.#open) connection.destroy(error)
  }
}

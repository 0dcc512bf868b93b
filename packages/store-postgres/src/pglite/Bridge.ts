import { queryFrame, readReply } from "./Frames.ts"
import { VirtualConnection } from "./VirtualConnection.ts"

/** The one session of an in-process database. */
export interface Session {
  readonly execProtocolRaw: (message: Uint8Array) => Promise<Uint8Array>
}

/**
 * Many connections on one session. They take turns, one batch at a time; who is within a transaction keeps the session
 * until the server says that it is idle. Notifications go to everyone. A connection that breaks off within a
 * transaction is rolled back before the next one's turn.
 */
export class Bridge {
  readonly #session: Session
  readonly #open = new Set<VirtualConnection>()
  /** Those with something to say, in the order in which they came. */
  readonly #waiting = new Set<VirtualConnection>()
  #owner: VirtualConnection | undefined
  #busy = false

  constructor(session: Session) {
    this.#session = session
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
    // While its last batch runs, what comes of it decides.
    if (this.#owner === connection && !this.#busy) this.#rollBack()
  }

  #next(): void {
    if (this.#busy) return
    const connection = this.#owner ?? this.#waiting.values().next().value
    const batch = connection?.batches.shift()
    if (connection === undefined || batch === undefined) return
    this.#owner = connection
    this.#waiting.delete(connection)
    const relisten = connection.channels.note(batch)
    this.#run(batch.bytes, (status) => this.#settle(connection, status, relisten))
  }

  #settle(connection: VirtualConnection, status: string | undefined, relisten: boolean): void {
    if (status !== "I" && connection.destroyed) return this.#rollBack()
    if (status === "I") {
      this.#owner = undefined
      if (connection.batches.length > 0) this.#waiting.add(connection)
      if (relisten) return this.#listenAgain()
    }
    this.#next()
  }

  #rollBack(): void {
    this.#run(queryFrame("ROLLBACK"), () => {
      this.#owner = undefined
      this.#next()
    })
  }

  /** One connection's UNLISTEN ended it for all on this session: those who still listen are put back. */
  #listenAgain(): void {
    const names = new Set([...this.#open].flatMap(({ channels }) => [...channels.names]))
    if (names.size === 0) return this.#next()
    this.#run(queryFrame([...names].map((name) => `LISTEN ${name}`).join(";")), () => this.#next())
  }

  /** The owner gets the answer; without one nobody asked. */
  #run(bytes: Uint8Array, then: (status: string | undefined) => void): void {
    const asker = this.#owner
    this.#busy = true
    this.#session.execProtocolRaw(bytes).then(
      (reply) => {
        this.#busy = false
        const { notifications, own, status } = readReply(reply)
        for (const message of notifications) for (const connection of this.#open) connection.push(message)
        if (asker !== undefined && !asker.destroyed) asker.push(own)
        return then(status)
      },
      (error) => this.#break(error)
    )
  }

  /** The session is lost, and with it everyone's connection. A later one is told the same. */
  #break(error: Error): void {
    this.#busy = false
    this.#owner = undefined
    for (const connection of this.#open) connection.destroy(error)
  }
}

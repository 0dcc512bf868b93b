import { Data } from "effect"

/** The socket could not be had, or ended. */
export class SocketEnded extends Data.TaggedError("SocketEnded")<{
  readonly reason: string
  /** The HTTP status of a refused handshake. */
  readonly status: number | null
}> {
  override get message() {
    return this.reason
  }
}

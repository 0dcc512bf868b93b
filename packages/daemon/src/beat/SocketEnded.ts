import { Data } from "effect"

/** The socket could not be had, or ended. */
export class SocketEnded extends Data.TaggedError("SocketEnded")<{
  readonly reason: string
  /** The HTTP status of a refused handshake. */
  readonly status: number | null
  /** A proxy does not pass the upgrade on: HTTP works, and reconnecting does not help. */
  readonly noUpgrade?: boolean
}> {
  override get message() {
    return this.reason
  }
}

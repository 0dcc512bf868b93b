import { Context } from "effect"

/** Intervals and timeouts, all in ms. Sources: `docs/protocol.md` 13.3, 17; the design's "fiber by fiber". */
export interface DaemonIntervals {
  /**
   * Between two beats of one runtime, on either transport, unless the server requests another interval. A socket ack suppresses
   * the HTTP beats of its runtime for twice as long.
   */
  readonly beat: number
  /** Between two beats while the server refuses the token: slow, but far below the server's offline threshold. */
  readonly refused: number
  /** Between two attempts of a machine that was removed from its server, and up to twice that. */
  readonly removed: number
  /** Between two listings of the workspaces. */
  readonly sync: number
  /** Between two discoveries of the CLIs on the machine. */
  readonly discovery: number
  /** The timeout of one HTTP call, from connecting to the last byte. */
  readonly call: number
  /** The timeout of the call that lists the workspaces. */
  readonly listCall: number
  /** The timeout of the deregistration at exit: far below the 5 s after which supervisors kill. */
  readonly deregister: number
  /** The first and the maximal pause after a failed registration; the recovery of the server ends it. */
  readonly registerAgain: { readonly first: number; readonly max: number }
  /** The first and the maximal pause before the socket reconnects. */
  readonly redial: { readonly first: number; readonly max: number }
  /** How long a socket must be open to count as healthy: its end then resets the pauses. */
  readonly healthy: number
  /** A socket that received nothing for this long, not even a ping, is closed. */
  readonly silence: number
  /** From connecting to the end of the handshake. */
  readonly handshake: number
}

export const defaultIntervals: DaemonIntervals = {
  beat: 15_000,
  refused: 60_000,
  removed: 120_000,
  sync: 30_000,
  discovery: 120_000,
  call: 30_000,
  listCall: 15_000,
  deregister: 3_000,
  registerAgain: { first: 60_000, max: 120_000 },
  redial: { first: 1_000, max: 30_000 },
  healthy: 10_000,
  silence: 60_000,
  handshake: 10_000
}

/** The intervals this daemon runs with. */
export const Intervals = Context.Reference<DaemonIntervals>("@muster/daemon/Intervals", {
  defaultValue: () => defaultIntervals
})

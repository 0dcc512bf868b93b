import { Schema } from "effect"

/** How long, in ms, a new process of a daemon waits for the one before it to beat again; more than two beats. */
export const handover = 60_000

/** The minimum time between two beats of one process, in ms: one delayed request proves nothing. */
const apart = 1_000

/** How long, in ms, the daemon that keeps the id is notified of the other one. */
export const noticeFor = 600_000

/** The header by which a daemon's process names itself, on each call and on the socket's upgrade. */
export const instanceHeader = "x-daemon-instance"

/** The name in that header; empty: absent, not of letters, digits and `-`, or over 64 characters. */
export const instanceFrom = (header: string | undefined): string =>
  header !== undefined && /^[A-Za-z0-9-]{1,64}$/.test(header) ? header : ""

/**
 * Which processes beat for a runtime under one daemon id. A daemon's process names itself by a random instance. A
 * restart has a new instance, and the old one never returns. Two machines with one id, such as a virtual machine and
 * its clone, beat in turn.
 */
export const Instances = Schema.Struct({
  /** The one that the runtime belongs to. */
  holder: Schema.String,
  /** A later one: a restart, or a second machine. */
  rival: Schema.NullOr(Schema.String),
  /** When the holder or the rival began, or the rival was proven to be a second machine. Epoch ms. */
  since: Schema.Finite,
  /** When the holder first beat after the rival had begun; null: it has not. Epoch ms. */
  returned: Schema.NullOr(Schema.Finite),
  /** The holder beat twice since the rival began: both are running. */
  proven: Schema.Boolean
})
export type Instances = typeof Instances.Type

const heldBy = (holder: string, now: number): Instances => ({
  holder,
  rival: null,
  since: now,
  returned: null,
  proven: false
})

const challenged = (holder: string, rival: string, now: number): Instances => ({ ...heldBy(holder, now), rival })

/**
 * The state after a beat of `instance`; the same object if the beat shows nothing new. A holder that beats twice after
 * a rival began proves that both are running. A rival whose holder is silent for `handover` is a restart and becomes
 * the holder.
 */
export const afterBeat = (known: Instances | null, instance: string, now: number): Instances => {
  if (known === null) return heldBy(instance, now)
  const { holder, proven, returned, rival, since } = known
  if (instance === holder) {
    if (rival === null || proven) return known
    if (returned === null) return { ...known, returned: now }
    return now - returned < apart ? known : { ...known, proven: true, since: now }
  }
  if (rival === null) return challenged(holder, instance, now)
  const isSilent = now - (returned ?? since) > handover
  if (instance === rival) return !proven && isSilent ? heldBy(rival, now) : known
  if (proven) return challenged(holder, instance, now)
  return isSilent ? challenged(rival, instance, now) : known
}

/** Whether this instance is a second machine, which needs a daemon id of its own. */
export const isSecond = (known: Instances | null, instance: string): boolean =>
  known !== null && known.proven && known.rival === instance

/** Whether this instance, which keeps the runtime, is to be notified that a second machine used its daemon id. */
export const isToBeTold = (known: Instances | null, instance: string, now: number): boolean =>
  known !== null && known.proven && known.holder === instance && now - known.since < noticeFor

/** When a second machine was last found to use the daemon id; null: none was. Epoch ms. */
export const secondFoundAt = (known: Instances | null): number | null => known?.proven === true ? known.since : null

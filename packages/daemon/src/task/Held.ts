import type { Task } from "@muster/domain"
import type { Deferred } from "effect"
import type { ClaimedWork, HeldTask } from "../client/TaskServer.ts"

/**
 * Why an attempt has to end before the agent does:
 * - `cancel`: a person canceled the task
 * - `stop`: the claim is over: nothing is reported
 * - `drain`: the daemon stops
 */
export type Interruption = "cancel" | "stop" | "drain"

/** The phase of a held task: `reporting` takes no slot, since nothing of it runs. */
export type Phase = "preparing" | "running" | "reporting"

/** A task that this daemon has claimed and that is not settled. */
export interface Held extends HeldTask {
  readonly task: ClaimedWork
  readonly slot: number
  readonly phase: Phase
  readonly interruption: Deferred.Deferred<Interruption>
}

/** The held tasks by id. */
export type HeldTasks = ReadonlyMap<Task.TaskId, Held>

/** The maximum number of ended tasks whose report waits for the server: beyond it nothing is claimed. */
export const maxReporting = 32

const occupied = (held: HeldTasks) => [...held.values()].filter(({ phase }) => phase !== "reporting")

/** How many tasks may be claimed now; 0 while too many reports wait. */
export const freeSlots = (held: HeldTasks, slots: number): number =>
  held.size - occupied(held).length >= maxReporting ? 0 : Math.max(0, slots - occupied(held).length)

/** The lowest slot that is free, so that an agent's development servers keep their ports. */
export const lowestSlot = (held: HeldTasks): number => {
  const taken = new Set(occupied(held).map(({ slot }) => slot))
  let slot = 0
  while (taken.has(slot)) slot++
  return slot
}

/** Adds a task unless it is held already: a claim may be delivered again. */
export const withTask = (held: HeldTasks, one: Omit<Held, "slot" | "phase">): HeldTasks =>
  held.get(one.id)?.epoch === one.epoch
    ? held
    : new Map(held).set(one.id, { ...one, slot: lowestSlot(held), phase: "preparing" })

export const withPhase = (held: HeldTasks, { epoch, id }: HeldTask, phase: Phase): HeldTasks => {
  const one = held.get(id)
  return one === undefined || one.epoch !== epoch ? held : new Map(held).set(id, { ...one, phase })
}

export const withoutTask = (held: HeldTasks, { epoch, id }: HeldTask): HeldTasks => {
  if (held.get(id)?.epoch !== epoch) return held
  const rest = new Map(held)
  rest.delete(id)
  return rest
}

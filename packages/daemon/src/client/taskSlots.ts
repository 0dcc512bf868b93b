import type { Environment } from "../process/HostEnvironment.ts"

/** How many tasks a daemon runs at once unless `MUSTER_TASK_SLOTS` says so: few, since it may be a laptop. */
export const defaultSlots = 3

/** The most that `MUSTER_TASK_SLOTS` may say. */
export const maxSlots = 32

/**
 * How many tasks this daemon runs at once: the number in `MUSTER_TASK_SLOTS`, or the default if that is not a whole number of
 * 0 to `maxSlots`. 0: it takes no tasks.
 */
export const taskSlots = (host: Environment): number => {
  const text = host["MUSTER_TASK_SLOTS"]
  const number = Number(text)
  return text === undefined || text.trim() === "" || !Number.isInteger(number) || number < 0 || number > maxSlots
    ? defaultSlots
    : number
}

import { onMachineClock } from "@muster/kit"
import { Duration, Effect, Schedule } from "effect"
import { isStill, treeMembers } from "./TreeMembers.ts"

/** The time between SIGTERM and SIGKILL. */
const grace = Duration.millis(500)

/** The time that the kernel needs to remove killed processes. */
const afterlife = Duration.millis(200)

const send = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    // EPERM: it exists but cannot be signaled (a zombie on macOS).
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** Sends a signal to every member of the process group of `leader`. Returns false if it has no members. */
export const signalGroup = (leader: number, signal: NodeJS.Signals | 0): boolean => send(-leader, signal)

/** The members of the tree before it is ended, so that a member that left the group is still known when its parent ends. */
const track = (leader: number) => {
  let known = treeMembers(leader)
  return {
    signal: (signal: NodeJS.Signals) => {
      signalGroup(leader, signal)
      for (const one of known ?? []) if (isStill(one)) send(one.pid, signal)
    },
    alive: () => {
      if (known === undefined) return signalGroup(leader, 0)
      known = known.filter(isStill)
      // Processes that the tree started in the meantime.
      if (known.length === 0 && signalGroup(leader, 0)) known = treeMembers(leader) ?? []
      return known.length > 0
    }
  }
}

const poll = (alive: () => boolean, atMost: Duration.Duration) =>
  Effect.sync(alive).pipe(
    Effect.repeat({ until: (still) => !still, schedule: Schedule.spaced("10 millis") }),
    Effect.timeoutOption(atMost)
  )

/**
 * Ends the process tree of `leader`: SIGTERM, then SIGKILL after `grace`, to its process group and, if the system lists them,
 * to descendants that left the group. Never fails; takes at most 0.7 s and returns as soon as no process is left. It does not
 * reach a process that left the group after its parent had ended.
 */
export const terminateTree = (leader: number): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (!signalGroup(leader, 0)) return Effect.void
    const tree = track(leader)
    tree.signal("SIGTERM")
    return poll(tree.alive, grace).pipe(
      Effect.andThen(Effect.suspend(() => {
        if (!tree.alive()) return Effect.void
        tree.signal("SIGKILL")
        return Effect.asVoid(poll(tree.alive, afterlife))
      }))
    )
  }).pipe(onMachineClock)

import { onMachineClock } from "@muster/kit"
import { Duration, Effect, Schedule } from "effect"
import { isStill, treeMembers } from "./TreeMembers.ts"

/** How long a tree has to end by itself after SIGTERM before it gets SIGKILL. */
const grace = Duration.millis(500)

/** After SIGKILL only the kernel's bookkeeping is left. */
const afterlife = Duration.millis(200)

const send = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    // EPERM: it is there, but not ours to signal (a zombie on macOS).
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** Sends a signal to every member of the group that `leader` leads. False when there is none left. */
export const signalGroup = (leader: number, signal: NodeJS.Signals | 0): boolean => send(-leader, signal)

/** The tree as it was when its end began, so that a member that left the group is not lost once its parent ends. */
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
      // What the tree started meanwhile.
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
 * Ends the process tree of `leader`: SIGTERM, then SIGKILL after `grace`, to its process group and, where the system can
 * tell, to descendants that left the group. Never fails; takes at most 0.7 s and is over as soon as nothing lives. What
 * cannot be reached is a process that left the group and whose parent had already ended.
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

import { onMachineClock } from "@muster/kit"
import { Effect, Schedule } from "effect"
import { execFileSync } from "node:child_process"
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs"
import type { HeldTask } from "../client/TaskServer.ts"
import { isStill, type TreeMember } from "../process/TreeMembers.ts"

/**
 * The variables that mark every process of a task. Agents put their shells into sessions of their own, so neither the process
 * group nor the parents lead to them once an agent or the daemon was killed; children inherit the environment.
 */
export const taskVariable = "MUSTER_TASK"
/** Which daemon the task is of: another one on this machine leaves it alone. */
export const ownerVariable = "MUSTER_TASK_OWNER"

/** The value of `taskVariable`. */
export const markOf = ({ epoch, id }: HeldTask): string => `${id}:${epoch}`

/** An environment entry by which processes are found, such as `MUSTER_TASK=<id>:<epoch>`. */
export type Mark = string

/** The maximum number of bytes of an environment that are searched. */
const maxEnvironment = 2 * 1024 * 1024

const buffer = Buffer.alloc(64 * 1024)

/** The environment of a process as it was when its program started; undefined: it ended, or may not be read. */
const environmentOf = (pid: number): string | undefined => {
  try {
    const file = openSync(`/proc/${pid}/environ`, "r")
    try {
      const chunks: Array<string> = []
      for (let size = 0; size < maxEnvironment;) {
        const read = readSync(file, buffer, 0, buffer.length, null)
        if (read === 0) break
        size += read
        chunks.push(buffer.toString("latin1", 0, read))
      }
      return chunks.join("")
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
}

/** The start time of a running process; undefined: it ended, or is a zombie. */
const bornOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    const [state = "", ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return "ZX".includes(state) ? undefined : rest[18]
  } catch {
    return undefined
  }
}

const onLinux = (mark: Mark): ReadonlyArray<TreeMember> | undefined => {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid).flatMap((name) => {
      const environment = environmentOf(Number(name))
      if (environment === undefined || !`\0${environment}`.includes(`\0${mark}\0`)) return []
      const born = bornOf(Number(name))
      return born === undefined ? [] : [{ pid: Number(name), born }]
    })
  } catch {
    return undefined
  }
}

/** Without `/proc`, as on macOS: `ps` shows environments of the user's own processes, separated by spaces. */
const byPs = (mark: Mark): ReadonlyArray<TreeMember> => {
  try {
    const rows = execFileSync("ps", ["-Eww", "-axo", "pid=,lstart=,command="], {
      encoding: "latin1",
      timeout: 2_000,
      maxBuffer: 32 * 1024 * 1024,
      stdio: ["ignore", "pipe", "ignore"]
    })
    return rows.split("\n").filter((row) => ` ${row} `.includes(` ${mark} `)).flatMap((row) => {
      const pid = Number.parseInt(row, 10)
      return Number.isNaN(pid) || pid === process.pid ? [] : [{ pid, born: "" }]
    })
  } catch {
    return []
  }
}

/**
 * Returns the running processes whose program was started with this environment entry, except this one. A look over 500
 * processes takes about 10 ms. A process that replaced its environment, or of another user, is not found.
 */
export const findMarked = (mark: Mark): ReadonlyArray<TreeMember> => onLinux(mark) ?? byPs(mark)

const kill = (one: TreeMember, signal: NodeJS.Signals) => {
  // Number and start time: the number alone may belong to another process by now.
  if (one.born !== "" && !isStill(one)) return
  try {
    process.kill(one.pid, signal)
  } catch {
    // It ended.
  }
}

/** Sends a signal to every marked process. Returns how many there are. */
export const signalMarked = (mark: Mark, signal: NodeJS.Signals): number => {
  const found = findMarked(mark)
  for (const one of found) kill(one, signal)
  return found.length
}

/** The maximum time of a sweep, in ms. */
const sweepWithin = 3_000

/**
 * Kills every marked process until two looks in a row find none: a process may start another one between look and kill.
 * Returns how many are left after 3 s, which is none unless the system refuses to end them.
 */
export const sweepMarked = (mark: Mark): Effect.Effect<number> =>
  Effect.suspend(() => {
    let empty = 0
    let left = 0
    const look = Effect.sync(() => {
      left = signalMarked(mark, "SIGKILL")
      empty = left === 0 ? empty + 1 : 0
      return empty
    })
    return look.pipe(
      Effect.repeat({ until: (looks) => looks >= 2, schedule: Schedule.spaced("20 millis") }),
      Effect.timeoutOption(sweepWithin),
      Effect.andThen(Effect.sync(() => left)),
      onMachineClock
    )
  })

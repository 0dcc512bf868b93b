import { Effect, Schedule } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { round } from "../load/median.ts"

/** What a process has in memory, in MiB. */
export interface Resident {
  /** All of its pages that are in memory. */
  readonly rss: number
  /** The same, with each page divided by the number of processes that share it. */
  readonly pss: number
  /** Its own pages: heaps, code that was compiled, stacks. The rest of `rss` is files, nearly all of it Node's program. */
  readonly anonymous: number
}

const read = (pid: number | string, name: string) => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1")
  } catch {
    return ""
  }
}

/** Empty for a process that has ended. */
const rollupOf = (pid: number): ReadonlyArray<Resident> => {
  const text = read(pid, "smaps_rollup")
  if (text === "") return []
  const of = (name: string) => round(Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) / 1_024, 1)
  return [{ rss: of("Rss"), pss: of("Pss"), anonymous: of("Anonymous") }]
}

const childrenOf = (pid: number) =>
  readdirSync("/proc").filter((name) => {
    const stat = read(name, "stat")
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid
  }).map(Number)

const treeOf = (pid: number): ReadonlyArray<number> => [pid, ...childrenOf(pid).flatMap(treeOf)]

/** How often the memory is read, for how many readings it must be stable, and after how many it is taken as it is. */
const look = { every: "1 second", stable: 30, most: 120 } as const

/** By how much stable readings differ at most, in MiB. */
const tolerance = 1

/**
 * Returns what a process and its descendants have at rest: when their sum has differed by at most 1 MiB for 30 s, or after 2 min.
 * Linux only.
 */
export const residentAtRest = (pid: number) => {
  const readings: Array<number> = []
  return Effect.sync(() => treeOf(pid).flatMap(rollupOf)).pipe(
    Effect.tap((all) => Effect.sync(() => readings.push(all.reduce((sum, { rss }) => sum + rss, 0)))),
    Effect.repeat({
      schedule: Schedule.spaced(look.every),
      until: () => {
        const last = readings.slice(-look.stable)
        const isStable = last.length === look.stable && Math.max(...last) - Math.min(...last) <= tolerance
        return isStable || readings.length >= look.most
      }
    })
  )
}

/** The sum of several processes. */
export const sumOf = (all: ReadonlyArray<Resident>): Resident => {
  const sum = (of: (one: Resident) => number) => round(all.reduce((total, one) => total + of(one), 0), 1)
  return { rss: sum(({ rss }) => rss), pss: sum(({ pss }) => pss), anonymous: sum(({ anonymous }) => anonymous) }
}

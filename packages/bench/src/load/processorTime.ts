import { readdirSync, readFileSync } from "node:fs"

/** Microseconds of one tick of `/proc`. */
const tick = 10_000

/** The parent of a process and the time that it has used, in ticks; undefined: it ended. */
const statOf = (pid: string) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return { pid, parent: fields[1]!, ticks: Number(fields[11]) + Number(fields[12]) }
  } catch {
    return undefined
  }
}

/** The processor time that the descendants of this process have used so far, in µs: the servers that it started. Linux only. */
const ofDescendants = (): number => {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => statOf(pid) ?? [])
  const children = Map.groupBy(all, ({ parent }) => parent)
  const below = (pid: string): number =>
    (children.get(pid) ?? []).reduce((sum, child) => sum + child.ticks * tick + below(child.pid), 0)
  return below(`${process.pid}`)
}

/** The processor time that this process and the servers that it started have used so far, in µs. */
export const processorTime = (): number => {
  const { system, user } = process.cpuUsage()
  return user + system + ofDescendants()
}

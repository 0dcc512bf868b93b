import { readdirSync, readFileSync } from "node:fs"

/** A process in `/proc`. Its number can be reused by another process; number and start time cannot. */
export interface TreeMember {
  readonly pid: number
  readonly born: string
}

interface Row extends TreeMember {
  readonly parent: number
  readonly group: number
}

/** Reads `/proc/<pid>/stat` of a running process; a zombie is not running. */
const read = (pid: number): Row | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    // The name (field 2) may contain anything, so fields are counted from its closing bracket.
    const [state = "", parent, group, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return "ZX".includes(state)
      ? undefined
      : { pid, parent: Number(parent), group: Number(group), born: rest[16] ?? "" }
  } catch {
    // It ended between the listing and the reading.
    return undefined
  }
}

const table = (): ReadonlyArray<Row> | undefined => {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => read(Number(name)) ?? [])
  } catch {
    return undefined
  }
}

/**
 * Returns every running process of the tree of `leader`: the members of its process group, and their descendants in other
 * groups. A process that left the group and whose parent has ended cannot be found. Undefined without `/proc`.
 */
export const treeMembers = (leader: number): ReadonlyArray<TreeMember> | undefined => {
  const rows = table()
  if (rows === undefined) return undefined
  const found = new Map<number, Row>()
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const row of rows) {
      if (row.pid === leader || row.group === leader || found.has(row.parent)) found.set(row.pid, row)
    }
  }
  return [...found.values()]
}

/** Returns whether the same process, not a later one with its number, is running. */
export const isStill = (one: TreeMember): boolean => read(one.pid)?.born === one.born

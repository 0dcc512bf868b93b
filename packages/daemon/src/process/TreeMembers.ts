import { readdirSync, readFileSync } from "node:fs"

/** A process as `/proc` reports it: its number alone may be given to another one later, its number and birth never. */
export interface TreeMember {
  readonly pid: number
  readonly born: string
}

interface Row extends TreeMember {
  readonly parent: number
  readonly group: number
}

/** `/proc/<pid>/stat` of a process that lives: a zombie, whose parent has not asked for its end yet, does not. */
const read = (pid: number): Row | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    // The name (field 2) may hold anything, so fields are counted from its closing bracket.
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
 * Every process of the tree of `leader` that lives: the members of its process group, and what descends from them in
 * other groups. A process whose parent has ended and that left the group cannot be found. Undefined without a `/proc`.
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

/** True while the same process, not a later one of the same number, lives. */
export const isStill = (one: TreeMember): boolean => read(one.pid)?.born === one.born

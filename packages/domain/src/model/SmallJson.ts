/** The maximum characters and levels of a value that is passed through without interpretation. */
const bounds = { characters: 4_096, levels: 16 }

/** Whether a JSON value has at most 4,096 characters and 16 levels. Stops at the first limit that is exceeded. */
export const isSmallJson = (value: unknown): boolean => {
  let left = bounds.characters
  const waiting: Array<readonly [value: unknown, level: number]> = [[value, 1]]
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const [at, level] = one
    if (typeof at === "string") left -= at.length + 2
    else if (typeof at !== "object" || at === null) left -= String(at).length
    else {
      if (level > bounds.levels) return false
      const entries = Object.entries(at)
      left -= 2
      for (const [key, entry] of entries) {
        left -= Array.isArray(at) ? 1 : key.length + 4
        if (left < 0) return false
        waiting.push([entry, level + 1])
      }
    }
    if (left < 0) return false
  }
  return true
}

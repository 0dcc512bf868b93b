const names = ["set", "slice", "copyWithin", "indexOf", "lastIndexOf", "fill"] as const

/** How many bytes `work` copies from buffer to buffer and searches, by whichever way of Node's it does so. */
export const bytesTouched = (work: () => void): number => {
  let touched = 0
  const { concat } = Buffer
  const shared = Uint8Array.prototype as unknown as Record<string, (...args: Array<unknown>) => unknown>
  const own = Buffer.prototype as unknown as typeof shared
  const kept = [shared, own].flatMap((target) =>
    [...names, "copy"].filter((name) => Object.hasOwn(target, name)).map((name) => ({
      target,
      name,
      to: target[name]!
    }))
  )
  for (const { name, target, to } of kept) {
    target[name] = function(this: Uint8Array, ...args) {
      const [first] = args
      touched += name === "set" && first instanceof Uint8Array ? first.length : this.length
      return to.apply(this, args)
    }
  }
  Buffer.concat = (list, ...rest) => {
    const all = concat(list, ...rest)
    touched += all.length
    return all
  }
  try {
    work()
  } finally {
    for (const { name, target, to } of kept) target[name] = to
    Buffer.concat = concat
  }
  return touched
}

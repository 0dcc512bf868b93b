const units = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1000]] as const

/** How long ago a moment was, both in epoch ms: `12 s ago`. Null: `never`. Clocks differ, so the near future is now. */
export const ago = (moment: number | null, now: number): string => {
  if (moment === null) return "never"
  const passed = now - moment
  const unit = units.find(([, length]) => passed >= length)
  return unit === undefined ? "just now" : `${Math.floor(passed / unit[1])} ${unit[0]} ago`
}

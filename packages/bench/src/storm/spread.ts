/**
 * How evenly times (ms, any origin) are distributed: counted by whole seconds from the first of them on, the fullest
 * second against the mean of all seconds from the first to the last.
 */
export const spread = (moments: ReadonlyArray<number>) => {
  const first = Math.min(...moments)
  const seconds: Array<number> = []
  for (const moment of moments) {
    const second = Math.floor((moment - first) / 1_000)
    seconds[second] = (seconds[second] ?? 0) + 1
  }
  const perSecond = Array.from(seconds, (count) => count ?? 0)
  const peak = Math.max(...perSecond)
  const mean = moments.length / perSecond.length
  return { perSecond, peak, mean, ratio: peak / mean }
}

/** Returns how many frames per second a socket may send: two beats of each runtime, and 100 more. */
export const framesPerSecond = (runtimes: number): number => 100 + 2 * runtimes

/** How many frames a socket sent in one second. */
export interface FrameRate {
  /** The second, since the epoch. */
  second: number
  count: number
}

/** Counts one frame at `now` (epoch ms). Returns false above the bound per second of a socket with this many runtimes. */
export const isWithinRate = (rate: FrameRate, runtimes: number, now: number): boolean => {
  const second = Math.floor(now / 1_000)
  if (second !== rate.second) rate.count = 0
  rate.second = second
  return ++rate.count <= framesPerSecond(runtimes)
}

/** Frames per second that a socket may send: all its beats at once twice, and as many again for a small one. */
export const framesPerSecond = (runtimes: number): number => 100 + 2 * runtimes

/** Counts the frames of one socket. False: this one is more than it may send within a second, at `now` (epoch ms). */
export const makeFrameRate = (runtimes: number) => {
  const most = framesPerSecond(runtimes)
  let [second, count] = [0, 0]
  return (now: number): boolean => {
    const at = Math.floor(now / 1_000)
    if (at !== second) [second, count] = [at, 0]
    return ++count <= most
  }
}

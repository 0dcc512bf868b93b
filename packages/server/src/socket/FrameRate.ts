/** Returns how many frames per second a socket may send: two beats of each runtime, and 100 more. */
export const framesPerSecond = (runtimes: number): number => 100 + 2 * runtimes

/** Returns a function that counts one frame at `now` (epoch ms). It returns false above the socket's bound per second. */
export const makeFrameRate = (runtimes: number) => {
  const max = framesPerSecond(runtimes)
  let [second, count] = [0, 0]
  return (now: number): boolean => {
    const at = Math.floor(now / 1_000)
    if (at !== second) [second, count] = [at, 0]
    return ++count <= max
  }
}

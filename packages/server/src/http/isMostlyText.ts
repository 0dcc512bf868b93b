const quote = 0x22
const backslash = 0x5c
const opens = new Set([0x5b, 0x7b, 0x2c])

/**
 * Returns whether JSON in UTF-8 has at most `max` brackets, braces and commas outside its strings. JSON with more is slow
 * to parse: 16 MiB of brackets block the event loop for seconds, 16 MiB of text for milliseconds.
 */
export const isMostlyText = (bytes: Uint8Array, max: number): boolean => {
  let [count, inString] = [0, false]
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (inString) {
      if (byte === backslash) i++
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (opens.has(byte) && ++count > max) return false
  }
  return true
}

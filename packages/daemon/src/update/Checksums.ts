/** The SHA-256 (lower-case hex) of a file in a list as `sha256sum` prints it; undefined where it is not listed. */
export const checksumIn = (list: string, name: string): string | undefined => {
  for (const line of list.split("\n")) {
    const [, sum, file] = /^([0-9a-fA-F]{64}) [ *](.+)$/.exec(line.trimEnd()) ?? []
    if (file === name) return sum!.toLowerCase()
  }
  return undefined
}

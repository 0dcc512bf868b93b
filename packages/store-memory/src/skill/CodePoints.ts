/** Compares two texts by code points, which is the order of their UTF-8 bytes. Negative: `a` comes first. */
export const byCodePoint = (a: string, b: string): number => {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()]
  while (true) {
    const [x, y] = [left.next().value, right.next().value]
    if (x === undefined || y === undefined) return Number(x !== undefined) - Number(y !== undefined)
    if (x !== y) return x.codePointAt(0)! - y.codePointAt(0)!
  }
}

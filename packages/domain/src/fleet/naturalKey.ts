/** The maximum digits of a number in a name that are compared as a number. */
const width = 12

/**
 * Returns a text that sorts in natural order by plain comparison: without regard to letter case, and `cli-2` before
 * `cli-10`. It is the same in every locale, so a cursor of one server is valid at another one.
 */
export const naturalKey = (name: string): string =>
  name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(width, "0"))

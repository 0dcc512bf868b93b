/** Returns the query of a request's target. Never throws, even if the target is malformed. */
export const queryOf = (target: string): URLSearchParams => {
  const at = target.indexOf("?")
  return new URLSearchParams(at < 0 ? "" : target.slice(at + 1))
}

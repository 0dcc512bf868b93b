/** The query of a request's target. Never throws, however malformed the target is. */
export const queryOf = (target: string): URLSearchParams => {
  const at = target.indexOf("?")
  return new URLSearchParams(at < 0 ? "" : target.slice(at + 1))
}

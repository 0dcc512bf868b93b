/** The error texts of the timeouts; limits in seconds. Source: `docs/protocol.md` 7.1. */
export const limitTexts = (pending: number, running: number) => ({
  pending: `daemon did not respond within ${pending} seconds`,
  running: `daemon did not finish within ${running} seconds`
})

/** The error of a request whose reported result is refused. */
export const refusedReport = (why: string): string => `the server refused the daemon's result: ${why}`

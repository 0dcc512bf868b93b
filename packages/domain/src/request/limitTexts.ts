/** What a record says when a limit is passed; limits in seconds. Source: `docs/protocol.md` 7.1. */
export const limitTexts = (pending: number, running: number) => ({
  pending: `daemon did not respond within ${pending} seconds`,
  running: `daemon did not finish within ${running} seconds`
})

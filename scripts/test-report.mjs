// The plain closing line of a test run, over all vitest projects.

/**
 * `N passed, N failed`, and `, N skipped` where some were, from vitest's JSON report (undefined: there is none) and its
 * exit code. A file that could not be loaded, and a run that failed outside its tests, count as one failure each.
 */
export const closingLine = (text, status) => {
  const report = text === undefined ? {} : JSON.parse(text)
  const { numPassedTests: passed = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0, testResults = [] } =
    report
  const unloaded = testResults.filter(({ status: outcome, assertionResults }) =>
    outcome === "failed" && assertionResults.every((test) => test.status !== "failed")
  )
  const failed = numFailedTests + unloaded.length
  const skipped = numPendingTests + numTodoTests
  const counts = [`${passed} passed`, `${status !== 0 && failed === 0 ? 1 : failed} failed`]
  return [...counts, ...(skipped === 0 ? [] : [`${skipped} skipped`])].join(", ")
}

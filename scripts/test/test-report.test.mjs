import { describe, expect, it } from "vitest"
import { closingLine } from "../test-report.mjs"

const report = (counts) => JSON.stringify({ numPassedTests: 0, numFailedTests: 0, testResults: [], ...counts })

describe("closingLine", () => {
  it("counts passed and failed tests", () => {
    expect(closingLine(report({ numPassedTests: 5 }), 0)).toBe("5 passed, 0 failed")
    expect(closingLine(report({ numPassedTests: 5, numFailedTests: 2 }), 1)).toBe("5 passed, 2 failed")
  })

  it("names tests that were left out", () => {
    expect(closingLine(report({ numPassedTests: 5, numPendingTests: 1, numTodoTests: 2 }), 0))
      .toBe("5 passed, 0 failed, 3 skipped")
  })

  it("counts a file that could not be loaded as a failure", () => {
    const testResults = [
      { status: "failed", assertionResults: [] },
      { status: "failed", assertionResults: [{ status: "failed" }] },
      { status: "passed", assertionResults: [{ status: "passed" }] }
    ]
    expect(closingLine(report({ numPassedTests: 1, numFailedTests: 1, testResults }), 1)).toBe("1 passed, 2 failed")
  })

  it("never calls a failed run a success", () => {
    expect(closingLine(report({ numPassedTests: 5 }), 1)).toBe("5 passed, 1 failed")
    expect(closingLine(undefined, 1)).toBe("0 passed, 1 failed")
    expect(closingLine(undefined, null)).toBe("0 passed, 1 failed")
  })
})

import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { exitCodes } from "../src/failure/ExitCode.ts"

describe("the page of exit codes", () => {
  const page = readFileSync(new URL("../../../docs/exit-codes.md", import.meta.url), "utf8")

  it.each(Object.values(exitCodes))("%i is on it", (code) => assert.include(page, `| ${code} |`))
})

import { spawn } from "node:child_process"
import { once } from "node:events"
import { describe, expect, it } from "vitest"

const replace = new URL("../replace.mjs", import.meta.url).href

/** Starts a process that is replaced by a Node running this code. */
const replacedBy = (code) =>
  spawn(process.execPath, [
    "--input-type=module",
    "--eval",
    `import { replaceBy } from ${JSON.stringify(replace)}
     replaceBy(process.execPath, ["--eval", ${JSON.stringify(code)}], {})`
  ], { stdio: ["ignore", "pipe", "inherit"] })

/** Says each signal of one kind that it gets, and ends with 40 + their number on the first of another kind. */
const counting = (counted, last) => `
  let count = 0
  process.on("${counted}", () => console.log(++count))
  process.on("${last}", () => process.exit(40 + count))
  setInterval(() => {}, 1000)
  console.log("ready")`

describe("replaceBy", () => {
  it.each([0, 7])("ends with the program's exit code %i", async (code) => {
    expect(await once(replacedBy(`process.exit(${code})`), "exit")).toEqual([code, null])
  })

  it("ends by the program's signal", async () => {
    expect(await once(replacedBy(`process.kill(process.pid, "SIGKILL")`), "exit")).toEqual([null, "SIGKILL"])
  })

  it.each([["SIGINT", "SIGTERM"], ["SIGHUP", "SIGTERM"], ["SIGTERM", "SIGINT"]])(
    "passes %s on, once",
    async (signal, last) => {
      const child = replacedBy(counting(signal, last))
      await once(child.stdout, "data")
      child.kill(signal)
      await once(child.stdout, "data")
      const ended = once(child, "exit")
      child.kill(signal)
      child.kill(last)
      expect(await ended).toEqual([41, null])
    }
  )

  it("says which program could not be started", async () => {
    const child = spawn(process.execPath, [
      "--input-type=module",
      "--eval",
      `import { replaceBy } from ${JSON.stringify(replace)}; replaceBy("/nowhere/node", [], {})`
    ], { stdio: ["ignore", "ignore", "pipe"] })
    const [words] = await once(child.stderr.setEncoding("utf8"), "data")
    expect(words).toContain("/nowhere/node could not be started")
  })
})

import { assert, describe, it } from "@effect/vitest"
import { ReplyError } from "ioredis"
import { explained, faultOf } from "../src/connection/Fault.ts"

const reply = (message: string) => new ReplyError(message)

const replies: ReadonlyArray<readonly [Error, string]> = [
  [reply("READONLY You can't write against a read only replica. script: a303, on @user_script:1."), "notServing"],
  [reply("LOADING Redis is loading the dataset in memory"), "notServing"],
  [reply("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."), "notServing"],
  [reply("NOREPLICAS Not enough good replicas to write."), "notServing"],
  [reply("CLUSTERDOWN Hash slot not served"), "notServing"],
  [reply("TRYAGAIN Multiple keys request during rehashing of slot"), "notServing"],
  [new Error("Too many Cluster redirections. Last error: ReplyError: MOVED 1 127.0.0.1:1"), "notServing"],
  [reply("OOM command not allowed when used memory > 'maxmemory'."), "refused"],
  [reply("MISCONF Redis is configured to save RDB snapshots"), "refused"],
  [reply("NOPERM this user has no permissions to run the 'evalsha' command"), "refused"],
  [reply("ERR Error running script"), "refused"],
  [new Error("Connection is closed."), "unreachable"],
  [new Error("Command timed out"), "unreachable"]
]

describe("the error of a command", () => {
  it.each(replies)("F-02 %s: $1", (error, fault) => {
    assert.strictEqual(faultOf(error), fault)
    assert.strictEqual(faultOf(explained(error)), fault)
  })

  it("an error that stops every write starts with a sentence and keeps its cause", () => {
    const error = reply("OOM command not allowed when used memory > 'maxmemory'.")
    const { cause, message } = explained(error) as Error
    assert.strictEqual(cause, error)
    assert.match(message, /^Redis is out of memory and stores nothing new; raise its maxmemory$/)
    const own = reply("ERR wrong")
    assert.strictEqual(explained(own), own)
  })
})

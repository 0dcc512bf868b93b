import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { startReplica } from "./support/Replica.ts"
import { makeHome } from "./support/runMuster.ts"
import { comparable, Secrets, stepsOf } from "./support/Tutorial.ts"
import { makeHomes, runShell } from "./support/TutorialShell.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 180_000

describe("the tutorial of a second machine", () => {
  it.live(
    "A-03 every command of docs/second-machine.md does what the page shows, in real processes",
    () =>
      Effect.gen(function*() {
        const { token, url } = yield* startReplica({ HOME: yield* makeHome }, "server")
        const homes = yield* makeHomes
        writeFileSync(`${homes.of("me").HOME}/token`, token)
        const secrets = new Secrets()
        const steps = stepsOf("second-machine.md")
        assert.isAtLeast(steps.length, 6)
        for (const { command, expected, who } of steps) {
          const output = yield* runShell(
            secrets.fill(command.replaceAll("http://muster.example.com", url)),
            homes.of(who)
          )
          secrets.remember(output)
          assert.strictEqual(comparable(output), comparable(expected), `${who}$ ${command}`)
        }
      }),
    testTimeout
  )
})

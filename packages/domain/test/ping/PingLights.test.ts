import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Kinds, PingLights, type Runtime } from "@muster/domain"

const answer = (
  fields: Partial<PingLights.PingAnswer> & Pick<PingLights.PingAnswer, "status">
): PingLights.PingAnswer => ({
  createdAt: 1_000,
  updatedAt: 1_500,
  ...fields
})

const cases: ReadonlyArray<readonly [string, PingLights.PingAnswer, string, string]> = [
  [
    "an answer with a version",
    answer({ status: "completed", transport: "socket", held_ms: 480, cli_version: "1.2.3", cli_ms: 470 }),
    "well",
    "ok ok starts"
  ],
  [
    "an answer with the CLI's error",
    answer({ status: "completed", transport: "beat", held_ms: 20, cli_error: "exit code 127" }),
    "reachable, but its CLI does not run",
    "ok ok broken"
  ],
  [
    "F-12 an answer of a CLI that is slow",
    answer({ status: "completed", transport: "beat", cli_error: "no answer within 6 s", cli_verdict: "slow" }),
    "reachable; its CLI is slow to answer",
    "ok ok slow"
  ],
  [
    "no daemon picked it up",
    answer({ status: "timeout", error: Kinds.Ping.terms.texts.pending }),
    "online, but not receiving work",
    "ok broken unknown"
  ],
  [
    "no daemon reported it",
    answer({ status: "timeout", error: Kinds.Ping.terms.texts.running }),
    "online, but it did not answer",
    "ok broken unknown"
  ],
  [
    "a daemon that failed on it",
    answer({ status: "failed", error: "the daemon broke on ping" }),
    "reachable, but it could not check its CLI",
    "ok ok broken"
  ]
]

describe("the three lights of a runtime", () => {
  it.each(cases)("S-06 %s", (_, said, text, states) => {
    const lights = PingLights.fromPing(said)!
    strictEqual(lights.text, text)
    strictEqual([lights.transport, lights.receive, lights.execution].map(({ state }) => state).join(" "), states)
  })

  it("S-06 the round trip is the total time without the time that the daemon held the ping", () => {
    const { receive } = PingLights.fromPing(cases[0]![1])!
    strictEqual(receive.text, "was reached over its socket: 20 ms there and back")
  })

  it("S-06 a pending ping shows nothing, and an offline runtime has no reachability", () => {
    deepStrictEqual(
      [answer({ status: "pending" }), answer({ status: "running" })].map((one) => PingLights.fromPing(one)),
      [
        undefined,
        undefined
      ]
    )
    deepStrictEqual([PingLights.offline.receive.state, PingLights.offline.execution.state], ["unknown", "unknown"])
  })

  const attempt = (at: number, outcome: Runtime.CliAttempt["outcome"], text = "") => ({ at, outcome, text })

  it.each(
    [
      ["nothing was tried", null, "unknown", undefined],
      ["only `--version`", { used: null, started: attempt(5, "worked", "1.2.3") }, "starts", 5],
      ["a use that worked", { used: attempt(5, "worked"), started: attempt(9, "worked") }, "ok", 5],
      [
        "a use that failed, although the CLI starts",
        { used: attempt(5, "unable"), started: attempt(9, "worked") },
        "unable",
        5
      ],
      ["a use that was slow", { used: attempt(5, "slow"), started: null }, "slow", 5],
      [
        "a start that failed after a use that worked",
        { used: attempt(5, "worked"), started: attempt(9, "broken") },
        "broken",
        9
      ],
      [
        "a start that failed before a use that worked",
        { used: attempt(9, "worked"), started: attempt(5, "broken") },
        "ok",
        9
      ]
    ] as const
  )("F-12 light 3 after %s", (_, cli, state, at) => {
    const light = PingLights.executionLight(cli)
    deepStrictEqual([light.state, light.at], [state, at])
  })

  it("F-12 a successful start does not hide that the last use failed", () => {
    const well = cases[0]![1]
    const lights = PingLights.fromPing(well, { used: attempt(7, "unable", "not signed in"), started: null })!
    deepStrictEqual([lights.verdict, lights.execution], ["unableCli", {
      state: "unable",
      text: "not signed in",
      at: 7
    }])
    strictEqual(PingLights.fromPing(well, { used: attempt(7, "worked"), started: null })!.execution.state, "ok")
  })
})

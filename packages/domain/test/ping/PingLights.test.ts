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
    "an answer with the CLI's complaint",
    answer({ status: "completed", transport: "beat", held_ms: 20, cli_error: "exit code 127" }),
    "reachable, but its CLI is broken",
    "ok ok broken"
  ],
  [
    "F-12 an answer of a CLI that is slow",
    answer({ status: "completed", transport: "beat", cli_error: "no answer within 6 s", cli_verdict: "slow" }),
    "reachable; its CLI is slow to answer",
    "ok ok slow"
  ],
  [
    "nobody picked it up",
    answer({ status: "timeout", error: Kinds.Ping.terms.texts.pending }),
    "online, but deaf",
    "ok broken unknown"
  ],
  [
    "nobody reported it",
    answer({ status: "timeout", error: Kinds.Ping.terms.texts.running }),
    "online, but it did not answer",
    "ok broken unknown"
  ],
  [
    "a daemon that broke on it",
    answer({ status: "failed", error: "the daemon broke on ping" }),
    "reachable, but it could not look at its CLI",
    "ok ok broken"
  ]
]

describe("the three lights of a runtime", () => {
  it.each(cases)("S-06 %s", (_, said, text, states) => {
    const lights = PingLights.fromPing(said)!
    strictEqual(lights.text, text)
    strictEqual([lights.transport, lights.receive, lights.execution].map(({ state }) => state).join(" "), states)
  })

  it("S-06 the way is the whole time but for what the daemon held the ping", () => {
    const { receive } = PingLights.fromPing(cases[0]![1])!
    strictEqual(receive.text, "was reached over its socket: 20 ms there and back")
  })

  it("S-06 nothing is said before the end, and nothing of what an offline runtime hears", () => {
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
        "a use that failed, however well it starts",
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

  it("F-12 a ping of a CLI that starts does not hide that its last use failed", () => {
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

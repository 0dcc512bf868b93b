import { assert, describe, it } from "@effect/vitest"
import type { DaemonSnapshot } from "@muster/daemon"
import { defaultIntervals } from "@muster/daemon"
import { serverStop } from "@muster/kit"
import { agentsText, nextText } from "../src/service/Announce.ts"
import { StopTimeout } from "../src/service/Lifetime.ts"

const plain = { bold: (text: string) => text, green: (text: string) => text, yellow: (text: string) => text }

const snapshot = (
  clis: ReadonlyArray<string>,
  online: ReadonlyArray<string>,
  problem: string | null = null
): DaemonSnapshot => ({
  state: "running",
  problem,
  clis: clis.map((provider) => ({ provider, version: "1.0.0", notes: [] })),
  runtimes: online.map((provider) => ({ provider, version: "1.0.0" }) as DaemonSnapshot["runtimes"][number]),
  workspaces: [],
  skipped: [],
  socket: "disconnected",
  credential: { kind: "person", machine: null },
  outbox: { reports: 0, bytes: 0 },
  tasks: [],
  clockSkew: null
})

const say = (one: DaemonSnapshot) => `${agentsText(one, plain as never)}\n${nextText(one)}`

describe("the list of agent CLIs that a daemon prints at its start", () => {
  it("distinguishes CLIs with a runtime from those that cannot be registered yet, and both from none", () => {
    assert.match(
      say(snapshot(["codex", "pi"], ["codex"])),
      /online +codex +1.0.0\n +waiting +pi +1.0.0\nTry in .* codex$/
    )
    const away = say(snapshot(["codex"], [], "the server cannot be reached"))
    assert.match(
      away,
      /waiting +codex.*\n +problem +the server cannot be reached\nThe CLIs go online once this is fixed/
    )
    assert.match(say(snapshot(["codex"], [])), /waiting +codex.*\nThe CLIs go online once .* workspace/)
    assert.match(say(snapshot([], [])), /none found\nInstall an agent CLI/)
  })

  it("F-12 distinguishes a slow CLI from an unusable one", () => {
    const calm = snapshot(["codex"], ["codex"])
    const text = say({
      ...calm,
      clis: [{ provider: "codex", version: "1.0.0", notes: ["slow to answer", "bundled with Muster"] }],
      skipped: [
        {
          provider: "claude",
          path: "/bin/claude",
          verdict: "slow",
          reason: "claude --version gave no answer within 30 s"
        },
        { provider: "pi", path: "/bin/pi", verdict: "broken", reason: "pi --version ended with exit code 1" }
      ]
    })
    assert.match(text, /online +codex +1.0.0 \(slow to answer; bundled with Muster\)\n/)
    assert.match(text, /slow +claude +claude --version gave no answer within 30 s\n +skipped +pi +pi --version ended/)
  })

  it("F-12 D-15 advises to install a CLI only if there is none: a slow one is checked again, a broken one is to be fixed", () => {
    const skipping = (verdict: "slow" | "broken") =>
      nextText({
        ...snapshot([], []),
        skipped: [{ provider: "opencode", path: "/bin/opencode", verdict, reason: "opencode --version gave no answer" }]
      })
    assert.match(skipping("slow"), /is slow .* checks it again within 2 minutes$/)
    assert.match(skipping("broken"), /^Fix an agent CLI/)
  })
})

describe("the end of a daemon", () => {
  it("D-18 leaves time for an unanswered deregistration, and for the local port after it", () => {
    assert.isBelow(defaultIntervals.deregister + 1_000, StopTimeout.defaultValue())
  })
})

describe("the end of a server", () => {
  it("H-08 leaves a second to write last-seen times, before supervisors kill after 5 s", () => {
    assert.isAtLeast(StopTimeout.defaultValue(), serverStop.drain + serverStop.finish + 1_000)
    assert.isBelow(StopTimeout.defaultValue(), 5_000)
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Identity, Kinds, Request, RequestJournal, Runtime } from "@muster/domain"

const minute = 60_000
const start = 1_800_000_000_000
const runtimeId = Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000001")

const entry = (more: Partial<RequestJournal.JournalEntry> = {}): RequestJournal.JournalEntry => ({
  id: Request.RequestId.make("0".repeat(32)),
  workspaceId: Identity.WorkspaceId.make("00000000-0000-4000-8000-000000000002"),
  runtimeId,
  kind: "model_list",
  by: null,
  createdAt: start,
  runtimeName: "Codex (box)",
  createdOn: "web-1",
  deliveries: [],
  end: null,
  ...more
})

const heard = (on: string, via: "socket" | "beat" | null) => ({ runtimeId, on, via, since: start - 5 * minute })

/** What is known `after` ms after the request was made. */
const facts = (
  after: number,
  of: RequestJournal.JournalEntry,
  more: Partial<RequestJournal.ExplainFacts> = {}
): RequestJournal.ExplainFacts => ({
  now: start + after,
  replica: "web-1",
  entry: of,
  request: Request.elapse(RequestJournal.asRequest(of, Kinds.ModelList.terms), start + after),
  runtime: { _tag: "Found", name: "Codex (box)", status: "online", lastBeatAt: start + after - 4_000, beatLag: 0 },
  heard: heard("web-1", "socket"),
  beatEvery: 15_000,
  ...more
})

const offline = {
  _tag: "Found",
  name: "Codex (box)",
  status: "offline",
  lastBeatAt: start - 9 * minute,
  beatLag: 90_000
} as const
const delivery = (at: number, on = "web-2") => ({ at: start + at, via: "socket" as const, on })

const cases: ReadonlyArray<readonly [string, RequestJournal.ExplainFacts, string]> = [
  [
    "waits with a socket here",
    facts(2_000, entry()),
    "This model list request to Codex (box) was made 2 s ago at web-1. Codex (box) is online: its last beat was 4 s ago, " +
    "and its socket to this replica (web-1) was opened 5 min ago. It has not been delivered. Its daemon is notified over the socket immediately; the next beat delivers it, within 11 s; if no daemon picks it up, it times out in 28 s."
  ],
  [
    "waits for a daemon that beats over HTTP at another replica",
    facts(2_000, entry({ createdOn: null }), {
      heard: heard("web-2", "beat"),
      runtime: { _tag: "Found", name: "Codex (box)", status: "online", lastBeatAt: start - minute, beatLag: 90_000 }
    }),
    "This model list request to Codex (box) was made 2 s ago. Codex (box) is online: its last beat was 62 s ago, or up to " +
    "90 s later, and it has no socket and beats over HTTP at the replica web-2, first 5 min ago. It has not been " +
    "delivered. The next beat delivers it, within 15 s; if no daemon picks it up, it times out in 28 s."
  ],
  [
    "waits for a daemon that fell silent",
    facts(20_000, entry(), {
      heard: heard("web-1", null),
      runtime: { _tag: "Found", name: "Codex (box)", status: "online", lastBeatAt: start - minute, beatLag: 0 }
    }),
    "This model list request to Codex (box) was made 20 s ago at web-1. Codex (box) is online: its last beat was 80 s " +
    "ago, and its socket to this replica (web-1) ended 5 min ago. It has not been delivered. The next beat delivers it; " +
    "the last ones did not arrive; if no daemon picks it up, it times out in 10 s."
  ],
  [
    "waits for a runtime that is offline",
    facts(2_000, entry(), { runtime: offline, heard: null }),
    "This model list request to Codex (box) was made 2 s ago at web-1. Codex (box) is offline: its last beat was 9 min " +
    "ago, or up to 90 s later, and it is not known where its daemon is connected. It has not been delivered. It cannot be delivered while no daemon beats for its runtime; if no daemon picks it up, it times out in 28 s."
  ],
  [
    "waits for a runtime that was removed",
    facts(2_000, entry(), { runtime: { _tag: "Gone" }, heard: null }),
    "This model list request to Codex (box) was made 2 s ago at web-1. Its runtime has been removed. It has not been " +
    "delivered. It cannot be delivered while no daemon beats for its runtime; if no daemon picks it up, it times out in 28 s."
  ],
  [
    "waits, and the registry does not answer",
    facts(2_000, entry(), { runtime: { _tag: "Unknown" }, heard: null }),
    "This model list request to Codex (box) was made 2 s ago at web-1. It is not known whether its runtime is online. It has not been delivered. If no daemon picks it up, it times out in 28 s."
  ],
  [
    "runs after one delivery",
    facts(10_000, entry({ deliveries: [delivery(1_000)] })),
    "This model list request to Codex (box) was made 10 s ago at web-1. Codex (box) is online: its last beat was 4 s ago, " +
    "and its socket to this replica (web-1) was opened 5 min ago. It was delivered over the socket by web-2, 9 s ago. " +
    "Without a report it is delivered again with the first beat or wake after 11 s; if no report arrives, it times out in " +
    "51 s."
  ],
  [
    "runs after the last delivery",
    facts(30_000, entry({ deliveries: [delivery(1_000), delivery(25_000, "web-1")] })),
    "This model list request to Codex (box) was made 30 s ago at web-1. Codex (box) is online: its last beat was 4 s ago, " +
    "and its socket to this replica (web-1) was opened 5 min ago. It was delivered twice, the last time over the socket " +
    "by web-1, 5 s ago. If no report arrives, it times out in 31 s."
  ],
  [
    "was completed",
    facts(minute, entry({ deliveries: [delivery(0)], end: { how: "completed", at: start + 3_000, on: "web-3" } })),
    "This model list request to Codex (box) was made 60 s ago at web-1. It was delivered over the socket by web-2, 60 s " +
    "ago. It was completed 57 s ago, 3 s after it was made (reported to web-3). Its record is kept for another 63 s."
  ],
  [
    "was completed in a moment",
    facts(minute, entry({ deliveries: [delivery(0)], end: { how: "completed", at: start + 18, on: "web-1" } })),
    "This model list request to Codex (box) was made 60 s ago at web-1. It was delivered over the socket by web-2, 60 s " +
    "ago. It was completed 60 s ago, 18 ms after it was made (reported to web-1). Its record is kept for another 60 s."
  ],
  [
    "failed on the machine, long ago",
    facts(
      10 * minute,
      entry({
        deliveries: [delivery(0)],
        end: { how: "failed", at: start + 3_000, on: "web-3", error: "not logged in" }
      })
    ),
    "This model list request to Codex (box) was made 10 min ago at web-1. It was delivered over the socket by web-2, 10 " +
    "min ago. It failed on the machine 9 min ago, 3 s after it was made (reported to web-3): not logged in."
  ],
  [
    "timed out before a daemon picked it up",
    facts(31_000, entry()),
    "This model list request to Codex (box) was made 31 s ago at web-1. It has not been delivered. It timed out before any " +
    "daemon picked it up, 1 s ago, 30 s after it was made. Its record is kept for another 119 s."
  ],
  [
    "timed out on the machine",
    facts(10 * minute, entry({ deliveries: [delivery(0)] })),
    "This model list request to Codex (box) was made 10 min ago at web-1. It was delivered over the socket by web-2, 10 " +
    "min ago. It timed out after it was delivered: no report arrived, 9 min ago, 60 s after it was made."
  ]
]

describe("explaining a request", () => {
  it.each(cases)("one that %s", (_, known, text) => {
    assert.strictEqual(RequestJournal.explain(known).text, text)
  })

  it("each next step has its time", () => {
    const { coming, status } = RequestJournal.explain(facts(10_000, entry({ deliveries: [delivery(1_000)] })))
    assert.strictEqual(status, "running")
    assert.deepStrictEqual(coming.map(({ at, what }) => [what, at - start]), [["redelivery", 21_000], [
      "limit",
      61_000
    ]])
  })

  it("an unknown kind never makes a request end", () => {
    const terms = { ...Kinds.ModelList.terms, pending: Infinity, running: Infinity, redeliverAfter: Infinity }
    const request = RequestJournal.asRequest(entry({ kind: "dance" }), terms)
    assert.deepStrictEqual(
      RequestJournal.explain({ ...facts(1_000, entry()), request }).coming.map(({ what }) => what),
      [
        "wake",
        "beat"
      ]
    )
  })
})

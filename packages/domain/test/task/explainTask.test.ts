import { assert, describe, it } from "@effect/vitest"
import { ExplainTask, Identity, Runtime, Task } from "@muster/domain"
import { Schema } from "effect"

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const start = 1_800_000_000_000
const ana = Identity.UserId.make("00000000-0000-4000-8000-00000000000a")
const idOf = (n: number) => Task.TaskId.make(`00000000-0000-4000-8000-00000000000${n}`)

const fresh = (more: Partial<Task.NewTask> = {}) =>
  Task.make({
    id: idOf(1),
    workspaceId: Identity.WorkspaceId.make("00000000-0000-4000-8000-00000000000b"),
    runtimeId: Runtime.RuntimeId.make("00000000-0000-4000-8000-00000000000c"),
    by: ana,
    prompt: "do it",
    folder: null,
    model: null,
    policy: "all",
    priority: 0,
    key: null,
    retryOf: null,
    ...more
  }, start)

const claimant = { daemonId: Identity.DaemonId.make("daemon-1"), fenced: true, tokenHash: null }
const result = { text: "done", stopReason: "end", rejections: 0 }

/** The task after a step that it allows. */
const done = (step: Task.Fenced): Task.Task => {
  assert.strictEqual(step._tag, "Done")
  return (step as Extract<Task.Fenced, { _tag: "Done" }>).task
}
const claimed = Task.claim(fresh(), claimant, start + 10 * second)
const running = done(Task.start(claimed, 1, start + 20 * second))
const died = done(
  Task.settle(running, 1, { _tag: "Failed", reason: "agent_died", error: "", result: null }, start + minute)
)
const network = { _tag: "Failed", reason: "provider_network", error: "", result: null } as const
const cut = done(Task.settle(running, 1, network, start + minute))
const cancelling = Task.cancel(running, ana, start + minute)

const online = { _tag: "Found", name: "Codex (box)", status: "online", lastSeenAt: start, isDraining: false } as const

const facts = (
  after: number,
  task: Task.Task,
  more: Partial<ExplainTask.TaskFacts> = {}
): ExplainTask.TaskFacts => ({
  now: start + after,
  task: Task.elapse(task, start + after),
  runtime: online,
  active: [],
  keyHolder: null,
  cancelledBy: null,
  ...more
})

const expires = (at = start) => ["it fails if no daemon has claimed it", at + Task.times.queued] as const
const silent = (at: number) => ["the attempt ends if its daemon stays silent", at + Task.times.grace] as const

type Case = readonly [string, ExplainTask.TaskFacts, string, readonly [string, number] | null]

const cases: ReadonlyArray<Case> = [
  [
    "waits for a slot",
    facts(5 * second, fresh()),
    "It has been queued for 5 s: Codex (box) is online, and its daemon claims it when a slot is free.",
    expires()
  ],
  [
    "waits for other tasks",
    facts(5 * second, fresh(), { active: [2, 3, 4, 5].map((n) => ({ id: idOf(n) })) }),
    `It has been queued for 5 s: the machine of Codex (box) runs 4 tasks (${idOf(2)}, ${idOf(3)}, ${
      idOf(4)
    } and 1 more) ` +
    "and claims it when a slot is free.",
    expires()
  ],
  [
    "waits for its folder",
    facts(5 * second, fresh({ folder: "/srv/app", key: "folder:daemon-1:/srv/app" }), {
      active: [{ id: idOf(2) }],
      keyHolder: { id: idOf(2) }
    }),
    `It has been queued for 5 s: task ${idOf(2)} uses the folder /srv/app, and one task at a time may do so.`,
    expires()
  ],
  [
    "waits for its key",
    facts(5 * second, fresh({ key: "key:w:deploy" }), { keyHolder: { id: idOf(2) } }),
    `It has been queued for 5 s: task ${idOf(2)} uses the same key, and one task at a time may do so.`,
    expires()
  ],
  [
    "waits for a runtime that is offline",
    facts(5 * minute, fresh(), { runtime: { ...online, status: "offline", lastSeenAt: start - 2 * hour } }),
    "It has been queued for 5 min: Codex (box) is offline, its last heartbeat was 2 h ago: " +
    "its daemon claims the task when it is back.",
    expires()
  ],
  [
    "waits for a runtime that was never online",
    facts(5 * minute, fresh(), { runtime: { ...online, status: "offline", lastSeenAt: null } }),
    "It has been queued for 5 min: Codex (box) has never been online: its daemon claims the task when it starts.",
    expires()
  ],
  [
    "waits for a machine that drains",
    facts(5 * minute, fresh(), { runtime: { ...online, isDraining: true } }),
    "It has been queued for 5 min: the machine of Codex (box) is draining and takes no new work.",
    expires()
  ],
  [
    "waits though its runtime is gone",
    facts(5 * minute, fresh(), { runtime: { _tag: "Gone" } }),
    "It has been queued for 5 min: its runtime was deleted, so no daemon will claim it.",
    expires()
  ],
  [
    "waits while the registry does not answer",
    facts(5 * minute, fresh(), { runtime: { _tag: "Unknown" }, active: null }),
    "It has been queued for 5 min: it is not known whether its runtime is online.",
    expires()
  ],
  [
    "waits for the time of its next attempt",
    facts(minute + second, cut),
    "It has been queued for 1 s: attempt 1 of 3 failed (provider_network), and the next attempt begins in 4 s.",
    ["a daemon may claim it", start + minute + 5 * second]
  ],
  [
    "waits for its next attempt",
    facts(minute + second, died),
    "It has been queued for 1 s: attempt 1 of 3 failed (agent_died), and it waits for the next one: " +
    "Codex (box) is online, and its daemon claims it when a slot is free.",
    expires(start + minute)
  ],
  [
    "is claimed",
    facts(15 * second, claimed),
    "The daemon of Codex (box) claimed it 5 s ago and has not started it yet (delivery 1 of 3).",
    ["the same daemon gets it again if it has not started it", start + 10 * second + Task.times.redeliverAfter]
  ],
  [
    "is prepared",
    facts(200 * second, done(Task.renew(claimed, 1, start + 190 * second))),
    "The daemon of Codex (box) claimed it 3 min ago and prepares it.",
    ["the same daemon gets it again if it has not started it", start + 190 * second + Task.times.lease]
  ],
  [
    "is delivered for the last time",
    facts(200 * second, Task.redeliver(Task.redeliver(claimed, null, start), null, start + 190 * second)),
    "The daemon of Codex (box) claimed it 3 min ago and has not started it yet (delivery 3 of 3).",
    ["the attempt ends if its daemon has not started it", start + 10 * second + Task.times.unstarted]
  ],
  [
    "runs",
    facts(2 * minute, running),
    "It has run for 100 s on Codex (box). Its daemon last reported it 100 s ago.",
    silent(start + 20 * second)
  ],
  [
    "runs on a machine that is silent",
    facts(hour, running, { runtime: { ...online, status: "offline" } }),
    "It has run for 59 min on Codex (box). Its daemon last reported it 59 min ago, and it may still run there.",
    silent(start + 20 * second)
  ],
  [
    "runs for the second time",
    facts(2 * minute, done(Task.start(Task.claim(died, claimant, start + minute), 2, start + minute))),
    "It has run for 60 s on Codex (box), attempt 2 of 3. Its daemon last reported it 60 s ago.",
    silent(start + minute)
  ],
  [
    "is canceled, and its daemon is away",
    facts(2 * minute, cancelling, { cancelledBy: "ana" }),
    "It was canceled by ana 60 s ago, and its daemon has not received the order yet.",
    ["it ends as canceled even if its daemon does not confirm it", start + 20 * second + Task.times.grace]
  ],
  [
    "is canceled, and its daemon was told",
    facts(65 * second, Task.beat(cancelling, 1, start + 62 * second).task),
    "It was canceled 5 s ago: its daemon received the order 3 s ago and ends its processes.",
    ["it ends as canceled even if its daemon does not confirm it", start + 62 * second + Task.times.cancelling]
  ],
  [
    "is completed",
    facts(hour, done(Task.settle(running, 1, { _tag: "Completed", result }, start + minute))),
    "It was completed 59 min ago, 60 s after it was created.",
    null
  ],
  [
    "is completed with rejections",
    facts(
      2 * minute,
      done(Task.settle(running, 1, { _tag: "Completed", result: { ...result, rejections: 2 } }, start + minute))
    ),
    "It was completed 60 s ago, 60 s after it was created. Its policy rejected 2 calls.",
    null
  ],
  [
    "failed",
    facts(
      2 * minute,
      done(
        Task.settle(
          running,
          1,
          { _tag: "Failed", reason: "agent_error", error: "no key", result: null },
          start + minute
        )
      )
    ),
    "It failed 60 s ago (agent_error): no key.",
    null
  ],
  [
    "failed because no daemon claimed it",
    facts(Task.times.queued + hour, fresh()),
    "It failed 60 min ago (queued_expired): nobody claimed it within 24 hours: " +
    "its runtime was offline, full or busy with its key.",
    null
  ],
  [
    "was canceled before any daemon claimed it",
    facts(2 * minute, Task.cancel(fresh(), ana, start + minute), { cancelledBy: "ana" }),
    "It was canceled by ana and ended 60 s ago; no daemon had claimed it.",
    null
  ],
  [
    "was canceled, confirmed",
    facts(3 * minute, done(Task.settle(cancelling, 1, { _tag: "Cancelled", result: null }, start + 2 * minute))),
    "It was canceled and ended 60 s ago; its daemon confirmed that nothing of it runs.",
    null
  ],
  [
    "was canceled, unconfirmed",
    facts(3 * minute, Task.beat(cancelling, 1, start + 61 * second).task),
    "It was canceled and ended 59 s ago; its daemon did not confirm that nothing of it runs.",
    null
  ]
]

/** What may happen to a task, each after a time. */
const Step = Schema.Struct({
  after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 * hour })),
  what: Schema.Literals(["claim", "start", "renew", "redeliver", "beat", "complete", "die", "fail", "cancel", "orphan"])
})

const afterStep = (task: Task.Task, { what }: typeof Step.Type, now: number): Task.Task => {
  const fenced = (step: Task.Fenced) => step._tag === "Done" ? step.task : task
  switch (what) {
    case "claim":
      return Task.isClaimable(task, now) ? Task.claim(task, claimant, now) : task
    case "start":
      return fenced(Task.start(task, task.epoch, now))
    case "renew":
      return fenced(Task.renew(task, task.epoch, now))
    case "redeliver":
      return Task.isRedeliverable(task, now) ? Task.redeliver(task, null, now) : task
    case "beat":
      return Task.beat(task, task.epoch, now).task
    case "complete":
      return fenced(Task.settle(task, task.epoch, { _tag: "Completed", result }, now))
    case "die":
    case "fail":
      return fenced(Task.settle(task, task.epoch, {
        _tag: "Failed",
        reason: what === "die" ? "agent_died" : "agent_error",
        error: "",
        result: null
      }, now))
    case "cancel":
      return Task.cancel(task, ana, now)
    case "orphan":
      return Task.orphan(task, true, now)
  }
}

describe("T-40 explain", () => {
  it.each(cases)("T-40 a task that %s", (_, known, text, next) => {
    assert.deepStrictEqual(ExplainTask.explainTask(known), {
      text,
      next: next === null ? null : { text: next[0], at: next[1] }
    })
  })

  it.prop(
    "T-40 every state has a sentence, and every one that is not terminal has what happens next and when, not in the past",
    [Schema.Array(Step).check(Schema.isMaxLength(12))],
    ([steps]) => {
      let [task, now] = [fresh(), start]
      for (const step of steps) {
        now += step.after
        task = afterStep(Task.elapse(task, now), step, now)
        const { next, text } = ExplainTask.explainTask(facts(now - start, task))
        assert.match(text, /^(It|The daemon) [^\n]+\.$/)
        assert.notMatch(text, /undefined|null|NaN|: \./)
        assert.strictEqual(next === null, Task.isTerminal(task), text)
        if (next !== null) assert.isAtLeast(next.at, now)
      }
    },
    { arbitrary: { runs: 1_000 } }
  )
})

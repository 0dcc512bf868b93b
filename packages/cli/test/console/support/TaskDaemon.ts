import { Api, type TaskEvent } from "@muster/domain"
import type { Scene } from "./Scene.ts"

type Bodies = ReadonlyArray<TaskEvent.Body | Readonly<Record<string, unknown>>>

/** A claim that the daemon has. */
export interface Claim {
  readonly id: string
  readonly epoch: number
  readonly prompt: string
  readonly model: string | null
  readonly policy: string
  readonly folder: string | null
}

/** What a daemon of this version says of itself, and a v0.3.1 one. */
const selves = {
  muster: { "x-client-platform": "daemon", "x-client-capabilities": `ping,${Api.tasksCapability}` },
  reference: { "x-client-platform": "daemon" }
}

/** How many events one append has. */
const most = 500

/**
 * The calls of a daemon with one runtime of Codex, as the daemon API has them, made by the test itself: so a test decides
 * what happens to a task, and when.
 */
export const taskDaemon = async (
  { token, url, workspace }: Scene["Service"],
  machine: string,
  self: keyof typeof selves = "muster"
) => {
  const call = async (path: string, body: object) => {
    const response = await fetch(`${url}/api/daemon/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...selves[self] },
      body: JSON.stringify(body)
    })
    const reply = await response.json()
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(reply)}`)
    return reply
  }
  const { runtimes } = await call("register", {
    workspace_id: workspace,
    daemon_id: machine,
    device_name: machine,
    runtimes: [{ name: `Codex (${machine})`, type: "codex", version: "0.171.0", status: "online" }]
  })
  const runtimeId: string = runtimes[0].id
  /** The next sequence number of each claim, and the time of its last event. */
  const next = new Map<string, number>()
  const of = ({ epoch, id }: Claim) => `${id} ${epoch}`
  const daemon = {
    runtimeId,
    /** Claims the next task, which is the only one that the runtime may have. */
    claim: async (): Promise<Claim> => {
      const { tasks } = await call("tasks/claim", {
        daemon_id: machine,
        runtime_ids: [runtimeId],
        max_tasks: 1,
        slots: 64
      })
      return tasks[0]
    },
    begin: ({ epoch, id }: Claim) => call(`tasks/${id}/begin`, { epoch }),
    /** Appends events; `at`: the time of the first one in epoch ms, and `every` the ms between two of them. */
    append: async (claim: Claim, bodies: Bodies, at = Date.now(), every = 1) => {
      for (let from = 0; from < bodies.length; from += most) {
        const first = next.get(of(claim)) ?? 1
        const events = bodies.slice(from, from + most).map((body, i) => ({
          seq: first + i,
          at: at + (from + i) * every,
          body
        }))
        const { status } = await call(`tasks/${claim.id}/events`, { epoch: claim.epoch, events })
        if (status !== "ok") throw new Error(`append: ${status}`)
        next.set(of(claim), first + events.length)
      }
    },
    /** The orders that the server has for the task. */
    beat: async ({ epoch, id }: Claim): Promise<ReadonlyArray<string>> => {
      const { orders } = await call("tasks/beat", { daemon_id: machine, tasks: [{ id, epoch }] })
      return orders.map(({ order }: { readonly order: string }) => order)
    },
    settle: ({ epoch, id }: Claim, outcome: object, usage: ReadonlyArray<object> = []) =>
      call(`tasks/${id}/settle`, { epoch, outcome, usage, session: null }),
    complete: (claim: Claim, text: string, usage: ReadonlyArray<object> = []) =>
      daemon.settle(claim, { type: "completed", result: { text, stop_reason: "end", rejections: 0 } }, usage)
  }
  return daemon
}

export type TaskDaemon = Awaited<ReturnType<typeof taskDaemon>>

/** Gives a runtime a task, as its owner, and returns its id. */
export const giveTask = async (
  { call, workspace }: Scene["Service"],
  runtimeId: string,
  prompt: string,
  more: object = {}
): Promise<string> => {
  const { id } = await call("POST", "/api/tasks", { runtime_id: runtimeId, prompt, ...more }, workspace)
  return id
}

/** Gives a task that the daemon has claimed and started. */
export const startTask = async (scene: Scene["Service"], daemon: TaskDaemon, prompt: string, more: object = {}) => {
  await giveTask(scene, daemon.runtimeId, prompt, more)
  const claim = await daemon.claim()
  await daemon.begin(claim)
  return claim
}

export const usage = (input: number, output: number) => ({
  provider: "codex",
  model: "gpt-5-codex",
  input_tokens: input,
  output_tokens: output,
  cache_read_tokens: Math.floor(input / 2),
  cache_write_tokens: 0
})

/** What an agent that fixes a test leaves in its log. */
export const sampleLog: Bodies = [
  {
    kind: "attempt",
    number: 1,
    provider: "codex",
    version: "0.171.0",
    model: "gpt-5-codex",
    folder: "/home/ana/project",
    policy: "all",
    resumed: false
  },
  { kind: "turn", phase: "begin", number: 1 },
  { kind: "notice", text: "started codex in a folder of its own" },
  {
    kind: "thought",
    text: "The test of the parser fails since the last change. I look at the test first, then at the parser."
  },
  { kind: "text", text: "I run the tests to see what fails.\n" },
  {
    kind: "plan",
    entries: [
      { text: "Run the tests", status: "in_progress" },
      { text: "Fix the parser", status: "pending" },
      { text: "Run the tests again", status: "pending" }
    ]
  },
  {
    kind: "tool",
    id: "c1",
    status: "running",
    title: "npm test -- parser",
    tool: "execute",
    input: { command: "npm test -- parser", cwd: "/home/ana/project" }
  },
  { kind: "output", id: "c1", offset: 0, text: "> project@1.0.0 test\n> vitest run parser\n\n" },
  {
    kind: "output",
    id: "c1",
    offset: 44,
    text: "\u001b[31m ✗ parses an empty list\u001b[39m\n   expected [] to equal null\n"
  },
  { kind: "gap", id: "c1", bytes: 48_211 },
  { kind: "output", id: "c1", offset: 48_400, text: "1 failed, 41 passed\n" },
  { kind: "tool", id: "c1", status: "failed" },
  { kind: "text", text: "The parser returns `null` for an empty list. " },
  {
    kind: "text",
    text:
      "I change it so that it returns an empty list:\n\n1. `parseList` begins with `[]`\n2. the test for it stays as it is\n"
  },
  {
    kind: "tool",
    id: "c2",
    status: "running",
    title: "Read src/parser.ts",
    tool: "read",
    input: { path: "src/parser.ts" }
  },
  { kind: "tool", id: "c2", status: "completed" },
  {
    kind: "tool",
    id: "c3",
    status: "running",
    title: "Edit src/parser.ts",
    tool: "edit",
    input: { path: "src/parser.ts", old: "let list = null", new: "let list: Array<Item> = []\n" }
  },
  { kind: "tool", id: "c3", status: "completed" },
  { kind: "permission", id: "c4", title: "git push origin main", answer: "rejected" },
  {
    kind: "usage",
    model: "gpt-5-codex",
    input_tokens: 18_400,
    output_tokens: 912,
    cache_read_tokens: 9_000,
    cache_write_tokens: 0
  }
]

/** The end of the same log, and its result. */
export const sampleEnd: Bodies = [
  { kind: "tool", id: "c5", status: "running", title: "npm test", tool: "execute", input: { command: "npm test" } },
  { kind: "output", id: "c5", offset: 0, text: "42 passed\n" },
  { kind: "tool", id: "c5", status: "completed" },
  { kind: "text", text: "All 42 tests pass." },
  { kind: "turn", phase: "end", number: 1, stop_reason: "end" }
]

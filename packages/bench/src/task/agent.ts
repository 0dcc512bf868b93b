/* oxlint-disable no-await-in-loop -- an agent writes one line after the other */
// An agent that speaks ACP, as a process of its own. The words of the prompt say what it does.
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: { readonly prompt?: ReadonlyArray<{ readonly text: string }> }
}

const write = (text: string) =>
  new Promise<void>((resolve) => process.stdout.write(text) ? resolve() : process.stdout.once("drain", resolve))

const send = (message: object) => write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`)

const update = (fields: object) => send({ method: "session/update", params: { sessionId: "bench", update: fields } })

const say = (text: string) => update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } })

const tool = (id: string, status: string, text?: string) =>
  update({
    sessionUpdate: text === undefined ? "tool_call" : "tool_call_update",
    toolCallId: id,
    title: "run",
    kind: "execute",
    status,
    ...(text !== undefined && { content: [{ type: "content", content: { type: "text", text } }] })
  })

const line = "the quick brown fox jumps over the lazy dog, again and again\n"
const textOf = (bytes: number, n: number) => `${n} ${line.repeat(Math.ceil(bytes / line.length))}`.slice(0, bytes)

/** Epoch ms. Good for the seconds that this process runs: it does not follow corrections of the system's clock. */
const now = () => performance.timeOrigin + performance.now()

const work: Readonly<Record<string, (...numbers: ReadonlyArray<number>) => Promise<unknown>>> = {
  /** Says when this process was started, in epoch ms. */
  start: () => say(`${performance.timeOrigin}`),

  /** Says the time (epoch ms) in `count` chunks, one each `pause` ms; 0: as fast as they are read. */
  chunks: async (count = 0, pause = 0) => {
    for (let n = 0; n < count; n++) {
      await say(`${now()}\n`)
      if (pause > 0) await sleep(pause)
    }
  },

  /** `calls` calls of a tool, each with `size` bytes of output in updates of `chunk` bytes. */
  output: async (calls = 0, size = 0, chunk = 0) => {
    for (let n = 0; n < calls; n++) {
      const id = `call-${n}`
      await tool(id, "in_progress")
      for (let sent = 0; sent < size; sent += chunk) await tool(id, "in_progress", textOf(chunk, sent))
      await tool(id, "completed", "")
    }
    await say("done")
  }
}

const answers: Readonly<Record<string, (params: Message["params"]) => unknown>> = {
  initialize: () => ({ protocolVersion: 1, agentCapabilities: {} }),
  "session/new": () => ({ sessionId: "bench" }),
  "session/prompt": async (params) => {
    const [word = "", ...numbers] = (params?.prompt?.[0]?.text ?? "").split(" ")
    await work[word]?.(...numbers.map(Number))
    return { stopReason: "end_turn" }
  }
}

if (process.argv.includes("--version")) process.stdout.write("1.0.0\n")
else {
  createInterface({ input: process.stdin }).on("line", (text) => {
    const { id, method = "", params } = JSON.parse(text) as Message
    void Promise.resolve(answers[method]?.(params)).then((result) => send({ id, result }))
  })
}

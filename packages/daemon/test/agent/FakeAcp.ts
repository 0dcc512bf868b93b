/**
 * Code of an agent that speaks ACP and does rarely seen things, by the words of the prompt. It is a real process; only its
 * lines are scripted.
 */
export const fakeAcp = `
const lines = require("node:readline").createInterface({ input: process.stdin })
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\\n")
const update = (fields) => send({ method: "session/update", params: { sessionId: "s-1", update: fields } })
const say = (text) => update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } })
// How older agents offer models, and go on with a session.
const older = process.argv[2] === "older"
let asked = 0
const answers = new Map()
const ask = (options) => new Promise((resolve) => {
  const id = "p" + ++asked
  answers.set(id, resolve)
  send({ id, method: "session/request_permission", params: { sessionId: "s-1",
    toolCall: { toolCallId: "unannounced", title: "write a file", kind: "edit", status: "pending" }, options } })
})
const prompts = {
  chunks: async () => { for (let i = 0; i < 10000; i++) say("chunk " + i + "\\n"); return "end_turn" },
  line: async () => { say("x".repeat(2 * 1024 * 1024)); return "end_turn" },
  garbage: async () => { process.stdout.write("a banner\\n{ half a message\\n"); say("after"); return "end_turn" },
  permission: async () => {
    const { outcome } = await ask([
      { optionId: "zz-9", name: "No", kind: "reject_once" },
      { optionId: "odd one", name: "Yes", kind: "allow_once" },
      { optionId: "ever", name: "Always", kind: "allow_always" }
    ])
    say(JSON.stringify(outcome))
    return "end_turn"
  },
  onlyYes: async () => {
    const { outcome } = await ask([{ optionId: "ever", name: "Always", kind: "allow_always" }])
    say(JSON.stringify(outcome))
    return "end_turn"
  },
  askLate: async (cancelled) => {
    say("working")
    await cancelled
    const { outcome } = await ask([{ optionId: "yes", name: "Yes", kind: "allow_once" }])
    say(JSON.stringify(outcome))
    return "cancelled"
  },
  repeats: async () => {
    const call = (status, text) => update({ sessionUpdate: "tool_call_update", toolCallId: "t1", status,
      content: [{ type: "content", content: { type: "text", text } }] })
    update({ sessionUpdate: "tool_call", toolCallId: "t1", title: "run", kind: "execute", status: "pending" })
    call("in_progress", "one")
    call("in_progress", "one two")
    call("completed", "one two three")
    return "end_turn"
  },
  calls: async () => {
    for (let n = 0; n < 64; n++) {
      update({ sessionUpdate: "tool_call_update", toolCallId: "t" + n, status: "completed",
        content: [{ type: "content", content: { type: "text", text: String(n).padStart(1024 * 1024) } }] })
    }
    return "end_turn"
  },
  methods: async () => {
    send({ id: "m1", method: "fs/read_text_file", params: {} })
    await new Promise((resolve) => answers.set("m1", resolve))
    return "end_turn"
  },
  die: async () => { process.stderr.write("out of memory\\n"); process.exit(3) },
  odd: async () => "because",
  bad: async () => {
    update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text: 7 } })
    update({ sessionUpdate: "tool_call", title: "no id" })
    update({ sessionUpdate: "agent_message_chunk", content: { type: "image", data: "" } })
    send({ method: "session/update", params: {} })
    say("after")
    return "end_turn"
  },
  cost: async () => {
    update({ sessionUpdate: "usage_update", used: 1, size: 10, cost: { amount: 0.25, currency: "USD" } })
    return "end_turn"
  },
  twice: async (cancelled, id) => {
    send({ id, result: { stopReason: "end_turn" } })
    return "refusal"
  },
  wait: async (cancelled) => { say("working"); await cancelled; return "end_turn" },
  deaf: async () => { say("working"); await new Promise(() => {}) }
}
let cancel = () => {}
const handle = {
  initialize: () => ({ protocolVersion: 1,
    agentCapabilities: { loadSession: true, ...(older ? {} : { sessionCapabilities: { resume: {} } }) } }),
  "session/new": () => ({ sessionId: "s-1", ...(older ? { models: { availableModels: [{ modelId: "a" }, { modelId: "b" }] } } : {
    configOptions: [
      { id: "model", category: "model", type: "select", currentValue: "a", options: [{ value: "a" }, { value: "b" }] }
    ] }) }),
  "session/resume": ({ sessionId }) => {
    if (sessionId !== "s-0") throw new Error("no such session")
    return {}
  },
  "session/set_model": ({ modelId }) => { say("older model " + modelId); return {} },
  "session/load": ({ sessionId }) => {
    if (sessionId !== "s-0") throw new Error("no such session")
    say("this was said before")
    return {}
  },
  "session/set_config_option": ({ value }) => { say("model " + value); return {} },
  "session/prompt": async ({ prompt }, id) => {
    const cancelled = new Promise((resolve) => { cancel = resolve })
    const stopReason = await prompts[prompt[0].text](cancelled, id)
    return { stopReason, usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } }
  }
}
lines.on("line", async (line) => {
  const { id, method, params, result, error } = JSON.parse(line)
  if (method === "session/cancel") return cancel()
  if (method === undefined) return answers.get(id)?.(result ?? error)
  try {
    send({ id, result: await handle[method](params, id) })
  } catch (error) {
    send({ id, error: { code: -32000, message: error.message } })
  }
})
lines.on("close", () => process.exit(0))
`

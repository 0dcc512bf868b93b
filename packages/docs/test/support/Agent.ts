/** An agent CLI that answers at once: its version, its models, and one sentence to each prompt, over ACP. */
export const agent = `#!${process.execPath}
const [mode] = process.argv.slice(2)
const say = (text) => process.stdout.write(text + "\\n")
if (mode === "--version") say("2.1.0")
if (mode === "models") say("example/one\\nexample/two")
if (mode === "acp") {
  const send = (message) => say(JSON.stringify({ jsonrpc: "2.0", ...message }))
  const answers = {
    initialize: () => ({ protocolVersion: 1, agentCapabilities: {} }),
    "session/new": () => ({ sessionId: "s-1" }),
    "session/prompt": () => {
      const content = { type: "text", text: "hello" }
      send({ method: "session/update", params: { sessionId: "s-1", update: { sessionUpdate: "agent_message_chunk", content } } })
      return { stopReason: "end_turn" }
    }
  }
  const lines = require("node:readline").createInterface({ input: process.stdin })
  lines.on("line", (line) => {
    const { id, method } = JSON.parse(line)
    if (id !== undefined && answers[method] !== undefined) send({ id, result: answers[method]() })
  })
  lines.on("close", () => process.exit(0))
}
`

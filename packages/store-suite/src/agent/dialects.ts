import { type Answer, scriptedUsage } from "./script.ts"

type Json = Readonly<Record<string, unknown>>

/** A request to the model, as its API words it. */
interface Asked {
  readonly said: string
  readonly results: number
  readonly tools: ReadonlyArray<string>
  readonly stream: boolean
}

/** One event of a stream: its data, and its name where the API has names. */
export interface Chunk {
  readonly name?: string
  readonly data: unknown
}

/** How one API asks and is answered. */
export interface Dialect {
  readonly asked: (body: Json) => Asked
  /** The stream of an answer: what comes first, each piece of text, and the end. */
  readonly stream: (answer: Answer, model: string) => {
    readonly head: ReadonlyArray<Chunk>
    readonly word: (word: string) => Chunk
    readonly tail: (whole: string) => ReadonlyArray<Chunk>
  }
  readonly whole: (answer: Answer, model: string) => Json
}

let calls = 0
/** Unique over the process: some CLIs refuse a call id that they know. */
const callId = () => `call_${++calls}`

const list = (value: unknown): ReadonlyArray<Json> => Array.isArray(value) ? value as ReadonlyArray<Json> : []
const json = (value: unknown): Json => (value ?? {}) as Json

const textOf = (content: unknown): string =>
  typeof content === "string"
    ? content
    : list(content).map(({ text }) => typeof text === "string" ? text : "").join("\n")

const isUser = ({ role }: Json): boolean => role === "user"

/** An event that is named by its type. */
const typed = (data: Json): Chunk => ({ name: String(data["type"]), data })

const afterLast = <A>(items: ReadonlyArray<A>, is: (item: A) => boolean): ReadonlyArray<A> =>
  items.slice(items.findLastIndex(is) + 1)

const { cached, input, output } = scriptedUsage

const chatUsage = {
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  prompt_tokens_details: { cached_tokens: cached }
}

/** OpenAI's chat completions. */
const chat: Dialect = {
  asked: (body) => {
    const messages = list(body["messages"])
    return {
      said: messages.filter(isUser).map(({ content }) => textOf(content)).join("\n"),
      results: afterLast(messages, isUser).filter(({ role }) => role === "tool").length,
      tools: list(body["tools"]).map((tool) => String(json(tool["function"])["name"])),
      stream: body["stream"] === true
    }
  },
  stream: (answer, model) => {
    const base = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model }
    const part = (delta: Json, finish: string | null = null) => ({
      data: { ...base, choices: [{ index: 0, delta, finish_reason: finish }] }
    })
    const call = answer._tag === "Tool"
      ? [part({
        tool_calls: [{
          index: 0,
          id: callId(),
          type: "function",
          function: { name: answer.tool, arguments: JSON.stringify(answer.input) }
        }]
      })]
      : []
    return {
      head: [part({ role: "assistant", content: "" }), ...call],
      word: (content) => part({ content }),
      tail: () => [
        part({}, answer._tag === "Tool" ? "tool_calls" : "stop"),
        { data: { ...base, choices: [], usage: chatUsage } },
        { data: "[DONE]" }
      ]
    }
  },
  whole: (answer, model) => ({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model,
    choices: [{
      index: 0,
      message: { role: "assistant", content: answer._tag === "Text" ? answer.text : "" },
      finish_reason: "stop"
    }],
    usage: chatUsage
  })
}

const responsesUsage = {
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: input + output
}

/** OpenAI's responses. */
const responses: Dialect = {
  asked: (body) => {
    const items = Array.isArray(body["input"]) ? list(body["input"]) : [{ role: "user", content: body["input"] }]
    return {
      said: items.filter(isUser).map(({ content }) => textOf(content)).join("\n"),
      results: afterLast(items, isUser).filter(({ type }) => String(type).endsWith("_output")).length,
      tools: list(body["tools"]).map(({ name, type }) => String(name ?? type)),
      stream: true
    }
  },
  stream: (answer, model) => {
    const id = `resp_${callId()}`
    let sequence = 0
    const event = (data: Json): Chunk => ({
      name: String(data["type"]),
      data: { sequence_number: sequence++, ...data }
    })
    const response = (status: string, out: ReadonlyArray<Json>, more: Json = {}) => ({
      id,
      object: "response",
      status,
      model,
      output: out,
      ...more
    })
    const created = event({ type: "response.created", response: response("in_progress", []) })
    const done = (item: Json) => [
      event({ type: "response.output_item.done", output_index: 0, item }),
      event({ type: "response.completed", response: response("completed", [item], { usage: responsesUsage }) })
    ]
    if (answer._tag === "Tool") {
      const call = {
        type: "function_call",
        id: `fc_${callId()}`,
        call_id: callId(),
        name: answer.tool,
        arguments: JSON.stringify(answer.input),
        status: "completed"
      }
      return {
        head: [
          created,
          event({
            type: "response.output_item.added",
            output_index: 0,
            item: { ...call, arguments: "", status: "in_progress" }
          })
        ],
        word: () => ({ data: {} }),
        tail: () => done(call)
      }
    }
    const item = { type: "message", id: "msg_1", role: "assistant" }
    const place = { item_id: "msg_1", output_index: 0, content_index: 0 }
    return {
      head: [
        created,
        event({
          type: "response.output_item.added",
          output_index: 0,
          item: { ...item, status: "in_progress", content: [] }
        }),
        event({ type: "response.content_part.added", ...place, part: { type: "output_text", text: "" } })
      ],
      word: (delta) => event({ type: "response.output_text.delta", ...place, delta }),
      tail: (whole) => [
        event({ type: "response.output_text.done", ...place, text: whole }),
        ...done({ ...item, status: "completed", content: [{ type: "output_text", text: whole, annotations: [] }] })
      ]
    }
  },
  whole: () => ({})
}

const isToolResult = ({ content }: Json) => list(content).some(({ type }) => type === "tool_result")

const claudeUsage = {
  input_tokens: input,
  output_tokens: 1,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: cached
}

const claudeMessage = (model: string) => ({
  id: `msg_${callId()}`,
  type: "message",
  role: "assistant",
  model,
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: claudeUsage
})

const stopReason = (answer: Answer) => answer._tag === "Tool" ? "tool_use" : "end_turn"

/** Anthropic's messages. */
const messages: Dialect = {
  asked: (body) => {
    const all = list(body["messages"])
    const isPerson = (message: Json) => message["role"] === "user" && !isToolResult(message)
    return {
      said: all.filter(({ role }) => role === "user").map(({ content }) => textOf(content)).join("\n"),
      results: afterLast(all, isPerson).filter(isToolResult).length,
      tools: list(body["tools"]).map(({ name }) => String(name)),
      stream: body["stream"] === true
    }
  },
  stream: (answer, model) => {
    const block = answer._tag === "Tool"
      ? { type: "tool_use", id: `toolu_${callId()}`, name: answer.tool, input: {} }
      : { type: "text", text: "" }
    const call = answer._tag === "Tool"
      ? [typed({
        type: "content_block_delta",
        index: 0,
        delta: { type: "input_json_delta", partial_json: JSON.stringify(answer.input) }
      })]
      : []
    return {
      head: [
        typed({ type: "message_start", message: claudeMessage(model) }),
        typed({ type: "content_block_start", index: 0, content_block: block }),
        ...call
      ],
      word: (text) => typed({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
      tail: () => [
        typed({ type: "content_block_stop", index: 0 }),
        typed({
          type: "message_delta",
          delta: { stop_reason: stopReason(answer), stop_sequence: null },
          usage: { output_tokens: output }
        }),
        typed({ type: "message_stop" })
      ]
    }
  },
  whole: (answer, model) => ({
    ...claudeMessage(model),
    content: [
      answer._tag === "Tool"
        ? { type: "tool_use", id: `toolu_${callId()}`, name: answer.tool, input: answer.input }
        : { type: "text", text: answer._tag === "Text" ? answer.text : "" }
    ],
    stop_reason: stopReason(answer)
  })
}

const geminiUsage = {
  promptTokenCount: input,
  candidatesTokenCount: output,
  totalTokenCount: input + output,
  cachedContentTokenCount: cached
}

const geminiReply = (parts: ReadonlyArray<Json>, over: boolean) => ({
  candidates: [{ index: 0, content: { role: "model", parts }, ...(over && { finishReason: "STOP" }) }],
  usageMetadata: geminiUsage,
  modelVersion: "scripted"
})

const geminiCall = (answer: Answer) =>
  answer._tag === "Tool" ? [{ functionCall: { id: callId(), name: answer.tool, args: answer.input } }] : []

/** Gemini's generateContent. */
const gemini: Dialect = {
  asked: (body) => {
    const all = list(body["contents"])
    const parts = (content: Json) => list(content["parts"])
    const isPerson = (content: Json) => content["role"] === "user" && parts(content).some((part) => "text" in part)
    const wantsJson = json(body["generationConfig"])["responseMimeType"] === "application/json"
    return {
      said: all.filter(({ role }) => role === "user").flatMap(parts).map((part) => textOf([part])).join("\n"),
      results: afterLast(all, isPerson).flatMap(parts).filter((part) => "functionResponse" in part).length,
      tools: wantsJson
        ? []
        : list(body["tools"]).flatMap((tool) => list(tool["functionDeclarations"])).map(({ name }) => String(name)),
      stream: true
    }
  },
  stream: (answer) => ({
    head: answer._tag === "Tool" ? [{ data: geminiReply(geminiCall(answer), true) }] : [],
    word: (word) => ({ data: geminiReply([{ text: word }], false) }),
    tail: () => answer._tag === "Tool" ? [] : [{ data: geminiReply([{ text: "" }], true) }]
  }),
  whole: (answer) =>
    geminiReply(
      answer._tag === "Tool"
        ? geminiCall(answer)
        : [{ text: JSON.stringify({ next_speaker: "user", reasoning: "done" }) }],
      true
    )
}

/** The API of a path; undefined: none of these. */
export const dialectOf = (path: string): Dialect | undefined => {
  if (path.endsWith("/chat/completions")) return chat
  if (path.endsWith("/responses")) return responses
  if (path.endsWith("/messages")) return messages
  return /:(stream)?generateContent$/i.test(path) ? gemini : undefined
}

import type { TaskEvent } from "@muster/domain"
import { Deferred, Effect, Option } from "effect"
import { type AgentDriver, type AgentEvent, AgentFailed, type AgentStart, type TurnEnd } from "./AgentDriver.ts"
import { type AgentProcess, startAgentProcess } from "./AgentProcess.ts"
import { fieldsOf } from "./AgentRpc.ts"

type Fields = Readonly<Record<string, unknown>>
type OnEvent = (event: AgentEvent) => Effect.Effect<void>

const text = (value: unknown): string => typeof value === "string" ? value : ""
const count = (value: unknown): number => typeof value === "number" && Number.isFinite(value) ? value : 0
const list = (value: unknown): ReadonlyArray<Fields> => Array.isArray(value) ? value.map(fieldsOf) : []

/** What Claude's own tools do; others, such as those of MCP servers, are `other`. */
const kinds: Record<string, TaskEvent.ToolKind> = {
  Read: "read",
  Glob: "search",
  Grep: "search",
  LS: "search",
  Edit: "edit",
  MultiEdit: "edit",
  Write: "edit",
  NotebookEdit: "edit",
  Bash: "execute",
  WebFetch: "fetch",
  WebSearch: "fetch",
  Task: "think"
}

/** The most telling word of a tool's input. */
const titleOf = (tool: string, input: Fields): string => {
  const subject = ["command", "file_path", "path", "pattern", "url", "query", "description"].map((key) =>
    text(input[key])
  )
    .find((word) => word !== "")
  return subject === undefined ? tool : `${tool} ${subject}`
}

interface Talk {
  sessionId: string
  model: string | undefined
  turn: Deferred.Deferred<TurnEnd, AgentFailed> | undefined
  interrupted: boolean
  /** Whether text came in pieces, so that the whole message is not passed on again. */
  streamed: boolean
}

const contentOf = (part: Fields): string =>
  typeof part["content"] === "string"
    ? part["content"]
    : list(part["content"]).map((block) => text(block["text"])).join("\n")

const assistantEvents = (talk: Talk, message: Fields): ReadonlyArray<AgentEvent> =>
  list(message["content"]).flatMap((part): ReadonlyArray<AgentEvent> => {
    switch (part["type"]) {
      case "text":
        return talk.streamed ? [] : [{ _tag: "Text", text: text(part["text"]) }]
      case "thinking":
        return talk.streamed ? [] : [{ _tag: "Thought", text: text(part["thinking"]) }]
      case "tool_use": {
        const tool = text(part["name"])
        const input = fieldsOf(part["input"])
        return [{
          _tag: "Tool",
          id: text(part["id"]),
          title: titleOf(tool, input),
          kind: kinds[tool] ?? "other",
          input,
          status: "running"
        }]
      }
      default:
        return []
    }
  })

const resultEvents = (message: Fields): ReadonlyArray<AgentEvent> =>
  list(message["content"]).flatMap((part): ReadonlyArray<AgentEvent> => {
    if (part["type"] !== "tool_result") return []
    const id = text(part["tool_use_id"])
    const output = contentOf(part)
    return [
      ...(output === "" ? [] : [{ _tag: "Output", tool: id, text: output } as const]),
      { _tag: "Tool", id, status: part["is_error"] === true ? "failed" : "completed" }
    ]
  })

const deltaEvents = (event: Fields): ReadonlyArray<AgentEvent> => {
  const delta = fieldsOf(event["delta"])
  if (delta["type"] === "text_delta") return [{ _tag: "Text", text: text(delta["text"]) }]
  if (delta["type"] === "thinking_delta") return [{ _tag: "Thought", text: text(delta["thinking"]) }]
  return []
}

/** The tokens of each model in this process so far; what a resumed session had before is not among them. */
const usageEvents = (talk: Talk, result: Fields): ReadonlyArray<AgentEvent> => {
  const models = Object.entries(fieldsOf(result["modelUsage"]))
  if (models.length > 0) {
    return models.map(([model, value]) => {
      const usage = fieldsOf(value)
      return {
        _tag: "Usage",
        inputTokens: count(usage["inputTokens"]),
        outputTokens: count(usage["outputTokens"]),
        cacheReadTokens: count(usage["cacheReadInputTokens"]),
        cacheWriteTokens: count(usage["cacheCreationInputTokens"]),
        costUsd: count(usage["costUSD"]),
        meaning: "turn",
        model
      }
    })
  }
  const usage = fieldsOf(result["usage"])
  const numbers = {
    inputTokens: count(usage["input_tokens"]),
    outputTokens: count(usage["output_tokens"]),
    cacheReadTokens: count(usage["cache_read_input_tokens"]),
    cacheWriteTokens: count(usage["cache_creation_input_tokens"])
  }
  if (Object.values(numbers).every((n) => n === 0)) return []
  const costUsd = count(result["total_cost_usd"])
  return [{
    _tag: "Usage",
    ...numbers,
    costUsd,
    meaning: "turn",
    ...(talk.model !== undefined && { model: talk.model })
  }]
}

/** Claude's own words for an error. */
const wordsOf = (result: Fields): string => {
  const errors = Array.isArray(result["errors"]) ? result["errors"].map(text).filter((word) => word !== "") : []
  return text(result["result"]) || errors.join("; ") || `claude ended its turn with ${text(result["subtype"])}`
}

/** How a turn ended. After an interrupt Claude reports an error, which is none. */
const turnEnd = (talk: Talk, result: Fields): TurnEnd => {
  if (talk.interrupted) return { stop: "cancelled" }
  if (result["subtype"] === "error_max_turns") return { stop: "max_turns" }
  if (result["is_error"] === true || text(result["subtype"]).startsWith("error")) {
    return { stop: "error", message: wordsOf(result) }
  }
  return { stop: "end" }
}

const answerTo = (id: unknown, response: object) => ({
  type: "control_response",
  response: { subtype: "success", request_id: id, response }
})

/** Answers a question for permission by the policy, each call once. */
const onControl = (allowed: boolean, onEvent: OnEvent, send: AgentProcess["send"], message: Fields) => {
  const request = fieldsOf(message["request"])
  const id = message["request_id"]
  if (request["subtype"] !== "can_use_tool") {
    const error = `not supported: ${text(request["subtype"])}`
    return send({ type: "control_response", response: { subtype: "error", request_id: id, error } })
  }
  const input = fieldsOf(request["input"])
  return onEvent({
    _tag: "Permission",
    tool: text(request["tool_use_id"]),
    title: titleOf(text(request["tool_name"]), input),
    answer: allowed ? "allowed" : "rejected"
  }).pipe(Effect.andThen(send(answerTo(
    id,
    allowed
      ? { behavior: "allow", updatedInput: input }
      : { behavior: "deny", message: "the policy of this task rejects it" }
  ))))
}

const messageEvents = (talk: Talk, message: Fields): ReadonlyArray<AgentEvent> => {
  switch (message["type"]) {
    case "system":
      if (message["subtype"] === "init") {
        talk.sessionId = text(message["session_id"])
        talk.model = text(message["model"]) || talk.model
      }
      return []
    case "stream_event":
      talk.streamed = true
      return deltaEvents(fieldsOf(message["event"]))
    case "assistant":
      return assistantEvents(talk, fieldsOf(message["message"]))
    case "user":
      return resultEvents(fieldsOf(message["message"]))
    case "result":
      talk.sessionId = text(message["session_id"]) || talk.sessionId
      return usageEvents(talk, message)
    default:
      return []
  }
}

const args = ({ model, session }: AgentStart): ReadonlyArray<string> => [
  "-p",
  "--output-format",
  "stream-json",
  "--input-format",
  "stream-json",
  "--verbose",
  "--include-partial-messages",
  "--permission-prompt-tool",
  "stdio",
  ...(model === undefined ? [] : ["--model", model]),
  ...(session === undefined ? [] : ["--resume", session])
]

/**
 * Starts the CLI and waits until it is ready. A refusal before it is ready, such as of a session that is gone, fails as `start`
 * with its words.
 */
const connect = Effect.fnUntraced(function*(start: AgentStart, onEvent: OnEvent) {
  const talk: Talk = { sessionId: "", model: start.model, turn: undefined, interrupted: false, streamed: false }
  const ready = yield* Deferred.make<void, AgentFailed>()
  const onResult = (result: Fields) =>
    Effect.asVoid(
      talk.turn === undefined
        ? Deferred.fail(
          ready,
          new AgentFailed({ reason: "start", message: `claude did not start: ${wordsOf(result)}` })
        )
        : Deferred.succeed(talk.turn, turnEnd(talk, result))
    )
  let send: AgentProcess["send"]
  const agent = yield* startAgentProcess(start, {
    name: "claude",
    args: args(start),
    onNotice: (notice) => onEvent({ _tag: "Notice", text: notice }),
    onMessage: (message) => {
      if (message["type"] === "control_request") {
        return onControl(start.permissions === "all", onEvent, send, message)
      }
      if (message["type"] === "control_response") return Effect.asVoid(Deferred.succeed(ready, undefined))
      return Effect.forEach(messageEvents(talk, message), onEvent, { discard: true }).pipe(
        Effect.andThen(Effect.suspend(() => message["type"] === "result" ? onResult(message) : Effect.void))
      )
    }
  })
  send = agent.send
  let requests = 0
  const control = (request: object) =>
    agent.send({ type: "control_request", request_id: `muster-${++requests}`, request })
  yield* control({ subtype: "initialize" })
  yield* Effect.raceFirst(Deferred.await(ready), agent.ended)
  return { talk, agent, control, resumed: start.session !== undefined }
})

/** Claude Code by its stream of JSON. Source: the messages of versions 2.1.197 and 2.1.332, and its own SDK. */
export const claudeStream: AgentDriver = {
  start: Effect.fnUntraced(function*(start, onEvent) {
    const { session, ...fresh } = start
    const { agent, control, resumed, talk } = yield* connect(start, onEvent).pipe(
      Effect.catchIf(
        ({ reason }) => reason === "start" && session !== undefined,
        () => connect(fresh, onEvent)
      )
    )

    return {
      sessionId: Effect.sync(() => talk.sessionId === "" ? Option.none() : Option.some(talk.sessionId)),
      resumed,
      pid: agent.pid,
      prompt: (words) =>
        Effect.gen(function*() {
          const ended = yield* Deferred.make<TurnEnd, AgentFailed>()
          talk.turn = ended
          yield* agent.send({ type: "user", message: { role: "user", content: [{ type: "text", text: words }] } })
          return yield* Effect.raceFirst(Deferred.await(ended), agent.ended)
        }),
      cancel: Effect.suspend(() => {
        if (talk.interrupted) return Effect.void
        talk.interrupted = true
        return control({ subtype: "interrupt" })
      }),
      endInput: agent.endInput,
      exited: agent.exited
    }
  })
}

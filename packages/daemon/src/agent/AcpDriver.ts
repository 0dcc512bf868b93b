import { TaskEvent } from "@muster/domain"
import { Effect, Latch, Option } from "effect"
import { type AgentDriver, type AgentEvent, AgentFailed, type AgentStart, type TurnEnd } from "./AgentDriver.ts"
import { type AgentRpc, fieldsOf, startAgentRpc } from "./AgentRpc.ts"

type Fields = Readonly<Record<string, unknown>>
type OnEvent = (event: AgentEvent) => Effect.Effect<void>

/** How an agent is started that speaks the Agent Client Protocol. */
export interface AcpCommand {
  readonly args: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  /** What the usage in the answer to a prompt covers. Agents differ. */
  readonly usage?: "call" | "turn" | "session"
}

const text = (value: unknown): string => typeof value === "string" ? value : ""
const count = (value: unknown): number => typeof value === "number" && Number.isFinite(value) ? value : 0
const list = (value: unknown): ReadonlyArray<Fields> => Array.isArray(value) ? value.map(fieldsOf) : []

const kinds: ReadonlySet<string> = new Set(TaskEvent.ToolKind.literals)
const kindOf = (value: unknown) => kinds.has(text(value)) ? { kind: text(value) as TaskEvent.ToolKind } : {}

const statuses: Record<string, TaskEvent.ToolStatus> = {
  pending: "pending",
  in_progress: "running",
  completed: "completed",
  failed: "failed"
}

/** The output of a tool call so far, of which agents repeat the whole with each update. */
const outputOf = (update: Fields): string =>
  list(update["content"]).flatMap((part) => part["type"] === "content" ? [text(fieldsOf(part["content"])["text"])] : [])
    .join("\n")

/** The output of a call that was passed on: how much there was, and its end. The whole may have many MiB. */
interface PassedOn {
  readonly length: number
  readonly end: string
}

/** How many characters of the end of an output are compared with what an agent repeats. */
const compared = 1_024

/** A copy: a part of a string keeps the whole in memory. */
const copyOf = (part: string) => Buffer.from(part, "utf16le").toString("utf16le")

const passedOn = (output: string): PassedOn => ({ length: output.length, end: copyOf(output.slice(-compared)) })

/** The new part of an output; all of it if it is not a longer version of what was passed on. */
const added = ({ end, length }: PassedOn, now: string): string =>
  now.startsWith(end, length - end.length) ? now.slice(length) : now

/** What one conversation knows of its tool calls: the state and the output that was passed on. */
interface Call {
  status: TaskEvent.ToolStatus
  output: PassedOn
}

/** The maximum number of calls that are remembered; the oldest is forgotten. */
const maxCalls = 1_000

interface Talk {
  readonly calls: Map<string, Call>
  /** Updates of an earlier session that is loaded: they are history. */
  replaying: boolean
  cancelled: boolean
  /** What the session cost so far, in USD; 0: the agent does not say. */
  costUsd: number
}

const callOf = (talk: Talk, id: string): Call => {
  const known = talk.calls.get(id)
  if (known !== undefined) return known
  if (talk.calls.size >= maxCalls) talk.calls.delete(talk.calls.keys().next().value!)
  const call: Call = { status: "pending", output: passedOn("") }
  talk.calls.set(id, call)
  return call
}

const toolEvents = (talk: Talk, update: Fields): ReadonlyArray<AgentEvent> => {
  const id = text(update["toolCallId"])
  const call = callOf(talk, id)
  call.status = statuses[text(update["status"])] ?? call.status
  const output = outputOf(update)
  const fresh = output === "" ? "" : added(call.output, output)
  if (output !== "") call.output = passedOn(output)
  const input = update["rawInput"]
  return [
    ...(fresh === "" ? [] : [{ _tag: "Output", tool: id, text: fresh } as const]),
    {
      _tag: "Tool",
      id,
      status: call.status,
      ...(text(update["title"]) !== "" && { title: text(update["title"]) }),
      ...kindOf(update["kind"]),
      ...(input !== undefined && input !== null && { input })
    }
  ]
}

const notice = (update: Fields): AgentEvent => ({
  _tag: "Notice",
  text: `an update of the agent could not be read and was left out: ${text(update["sessionUpdate"]) || "no kind"}`
})

/** Words of the agent; other contents, such as images, are left out. */
const wordEvents = (_tag: "Text" | "Thought", update: Fields): ReadonlyArray<AgentEvent> => {
  const { text: words, type } = fieldsOf(update["content"])
  if (typeof words === "string") return [{ _tag, text: words }]
  return typeof type === "string" && type !== "text" ? [] : [notice(update)]
}

const updateEvents = (talk: Talk, update: Fields): ReadonlyArray<AgentEvent> => {
  switch (update["sessionUpdate"]) {
    case "agent_message_chunk":
      return wordEvents("Text", update)
    case "agent_thought_chunk":
      return wordEvents("Thought", update)
    case "tool_call":
    case "tool_call_update":
      return text(update["toolCallId"]) === "" ? [notice(update)] : toolEvents(talk, update)
    case "usage_update": {
      const cost = fieldsOf(update["cost"])
      if (cost["currency"] === "USD") talk.costUsd = count(cost["amount"])
      return []
    }
    case undefined:
      return [notice(update)]
    case "plan":
      return [{
        _tag: "Plan",
        entries: list(update["entries"]).map(({ content, status }) => ({ text: text(content), status: text(status) }))
      }]
    case "notice":
      return [{ _tag: "Notice", text: text(update["message"]) || text(fieldsOf(update["content"])["text"]) }]
    default:
      return []
  }
}

/** The option to answer with, by its kind: agents name their options differently. */
const optionOf = (options: ReadonlyArray<Fields>, allowed: boolean): string | undefined => {
  const wanted = allowed ? ["allow_once", "allow_always"] : ["reject_once", "reject_always"]
  const found = wanted.flatMap((kind) => options.filter((option) => option["kind"] === kind))[0]
  return found === undefined ? undefined : text(found["optionId"])
}

const cancelledOutcome = { outcome: { outcome: "cancelled" } }

const onPermission = (talk: Talk, allowed: boolean, onEvent: OnEvent) =>
  Effect.fnUntraced(function*(params: Fields) {
    const call = fieldsOf(params["toolCall"])
    // The first word of a call may be the question itself.
    yield* Effect.forEach(toolEvents(talk, call), onEvent, { discard: true })
    if (talk.cancelled) return cancelledOutcome
    const option = optionOf(list(params["options"]), allowed)
    yield* onEvent({
      _tag: "Permission",
      tool: text(call["toolCallId"]),
      title: text(call["title"]) || "a call of a tool",
      answer: allowed && option !== undefined ? "allowed" : "rejected"
    })
    // An agent without such an option takes this as a no.
    return option === undefined ? cancelledOutcome : { outcome: { outcome: "selected", optionId: option } }
  })

const stops: Record<string, TurnEnd["stop"]> = {
  end_turn: "end",
  cancelled: "cancelled",
  refusal: "refusal",
  max_tokens: "max_tokens",
  max_turn_requests: "max_turns"
}

/** The usage in the answer to a prompt; Gemini has it elsewhere. */
const usageOf = (
  reply: Fields,
  meaning: "call" | "turn" | "session",
  model: string | undefined,
  costUsd: number
): ReadonlyArray<AgentEvent> => {
  const quota = fieldsOf(fieldsOf(fieldsOf(reply["_meta"])["quota"])["token_count"])
  const usage = Object.keys(fieldsOf(reply["usage"])).length > 0
    ? fieldsOf(reply["usage"])
    : { inputTokens: quota["input_tokens"], outputTokens: quota["output_tokens"] }
  const numbers = {
    inputTokens: count(usage["inputTokens"]),
    outputTokens: count(usage["outputTokens"]),
    cacheReadTokens: count(usage["cachedReadTokens"]),
    cacheWriteTokens: count(usage["cachedWriteTokens"])
  }
  if (costUsd === 0 && Object.values(numbers).every((n) => n === 0)) return []
  return [{
    _tag: "Usage",
    ...numbers,
    meaning,
    ...(costUsd > 0 && { costUsd }),
    ...(model !== undefined && { model })
  }]
}

const noModel = (name: string, model: string) =>
  new AgentFailed({
    reason: "refused",
    message: `${name} has no model ${model}: choose one of the list (muster models), or leave it out`
  })

/** The values of a select option, which may be in groups. */
const valuesOf = (option: Fields): ReadonlyArray<string> =>
  list(option["options"]).flatMap((entry) =>
    "options" in entry ? list(entry["options"]).map(({ value }) => text(value)) : [text(entry["value"])]
  )

/** Chooses the model as the session offers it. */
const chooseModel = Effect.fnUntraced(function*(
  rpc: AgentRpc,
  session: { readonly id: string; readonly reply: Fields },
  model: string,
  name: string
) {
  const { id: sessionId, reply } = session
  const option = list(reply["configOptions"]).find(({ category, id }) => category === "model" || id === "model")
  if (option !== undefined) {
    if (!valuesOf(option).includes(model)) return yield* noModel(name, model)
    yield* rpc.request("session/set_config_option", { sessionId, configId: option["id"], value: model })
    return
  }
  const offered = list(fieldsOf(reply["models"])["availableModels"]).map(({ modelId }) => text(modelId))
  if (!offered.includes(model)) return yield* noModel(name, model)
  yield* rpc.request("session/set_model", { sessionId, modelId: model })
})

/** Goes on with a session: resumed, or loaded without its history. None: the agent cannot, or does not have it. */
const goOn = (rpc: AgentRpc, talk: Talk, capabilities: Fields, cwd: string, sessionId: string) => {
  const at = { sessionId, cwd, mcpServers: [] }
  const resume = fieldsOf(capabilities["sessionCapabilities"])["resume"] != null
  if (!resume && capabilities["loadSession"] !== true) return Effect.succeedNone
  const asked = resume
    ? rpc.request("session/resume", at)
    : Effect.andThen(Effect.sync(() => void (talk.replaying = true)), rpc.request("session/load", at))
  return asked.pipe(
    Effect.map((reply) => Option.some({ id: sessionId, reply, resumed: true })),
    Effect.catchIf(({ reason }) => reason === "refused", () => Effect.succeedNone),
    Effect.ensuring(Effect.sync(() => void (talk.replaying = false)))
  )
}

const openSession = Effect.fnUntraced(function*(rpc: AgentRpc, talk: Talk, capabilities: Fields, start: AgentStart) {
  const { cwd, session } = start
  const earlier = session === undefined ? Option.none() : yield* goOn(rpc, talk, capabilities, cwd, session)
  if (Option.isSome(earlier)) return earlier.value
  const reply = yield* rpc.request("session/new", { cwd, mcpServers: [] })
  return { id: text(reply["sessionId"]), reply, resumed: false }
})

const authWords = /\b(auth|authenticat|log ?in|unauthorized|api key)/i

/** A refusal that asks for a login is said so. */
const aboutLogin = (error: AgentFailed) =>
  error.reason === "refused" && authWords.test(error.message)
    ? new AgentFailed({ reason: "auth", message: `${error.message} (log in to this CLI on the machine)` })
    : error

/** An agent that speaks ACP, which asks before it acts. Source: https://agentclientprotocol.com. */
export const acpDriver = (name: string, { args, env = {}, usage = "turn" }: AcpCommand): AgentDriver => ({
  start: Effect.fnUntraced(function*(start, onEvent) {
    const talk: Talk = { calls: new Map(), replaying: false, cancelled: false, costUsd: 0 }
    const permission = onPermission(talk, start.permissions === "all", onEvent)
    const rpc = yield* startAgentRpc({ ...start, env: { ...start.env, ...env } }, {
      name: `${name} ${args.join(" ")}`,
      args
    }, {
      onNotification: (method, params) =>
        method === "session/update" && !talk.replaying
          ? Effect.forEach(updateEvents(talk, fieldsOf(params["update"])), onEvent, { discard: true })
          : Effect.void,
      onRequest: (method, params) =>
        method === "session/request_permission" ? permission(params) : Effect.succeed(undefined),
      onNotice: (notice) => onEvent({ _tag: "Notice", text: notice })
    })
    const hello = yield* rpc.request("initialize", {
      protocolVersion: 1,
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
      clientInfo: { name: "muster", title: "Muster", version: "0.1.0" }
    })
    const session = yield* Effect.mapError(
      openSession(rpc, talk, fieldsOf(hello["agentCapabilities"]), start),
      aboutLogin
    )
    if (start.model !== undefined) yield* chooseModel(rpc, session, start.model, name)
    const cancelled = yield* Latch.make(false)

    const prompt = (words: string) => {
      const asked = rpc.request("session/prompt", { sessionId: session.id, prompt: [{ type: "text", text: words }] })
      // A late answer of an earlier turn has an id of its own, which nothing waits for any more.
      const cancel = cancelled.await.pipe(
        Effect.andThen(rpc.notify("session/cancel", { sessionId: session.id })),
        Effect.andThen(Effect.never)
      )
      return Effect.raceFirst(asked, cancel).pipe(
        Effect.tap((reply) => {
          // The cost is of the whole session: of one that goes on, it is not known what this attempt added.
          const costUsd = session.resumed ? 0 : talk.costUsd
          return Effect.forEach(usageOf(reply, usage, start.model, costUsd), onEvent, { discard: true })
        }),
        Effect.map((reply): TurnEnd => {
          const stop = stops[text(reply["stopReason"])]
          return stop === undefined
            ? { stop: "error", message: `${name} ended its turn with ${text(reply["stopReason"]) || "no reason"}` }
            : { stop }
        }),
        Effect.catchIf(
          ({ reason }) => reason === "refused",
          (error) => Effect.succeed<TurnEnd>({ stop: "error", message: aboutLogin(error).message })
        )
      )
    }

    return {
      sessionId: Effect.succeed(Option.some(session.id)),
      resumed: session.resumed,
      pid: rpc.pid,
      prompt,
      cancel: Effect.sync(() => void (talk.cancelled = true)).pipe(Effect.andThen(cancelled.open), Effect.asVoid),
      endInput: rpc.endInput,
      exited: rpc.exited
    }
  })
})

import type { TaskEvent } from "@muster/domain"
import { Deferred, Effect, Latch, Option, Schedule } from "effect"
import type { AgentDriver, AgentEvent, AgentFailed, AgentStart, TurnEnd } from "./AgentDriver.ts"
import { type AgentRpc, fieldsOf, startAgentRpc } from "./AgentRpc.ts"

type Fields = Readonly<Record<string, unknown>>
type OnEvent = (event: AgentEvent) => Effect.Effect<void>

const text = (value: unknown): string => typeof value === "string" ? value : ""
const number = (value: unknown): number => typeof value === "number" && Number.isFinite(value) ? value : 0

const statuses: Record<string, TaskEvent.ToolStatus> = {
  inProgress: "running",
  completed: "completed",
  failed: "failed",
  declined: "failed"
}

/** What each type of item is to people; other types are no calls of tools. */
const tools: Record<string, { readonly kind: TaskEvent.ToolKind; readonly title: (item: Fields) => string }> = {
  commandExecution: { kind: "execute", title: ({ command }) => text(command) },
  fileChange: {
    kind: "edit",
    title: ({ changes }) =>
      Array.isArray(changes) ? changes.map((change) => text(fieldsOf(change)["path"])).join(", ") : "edit files"
  },
  mcpToolCall: { kind: "other", title: ({ server, tool }) => `${text(server)} ${text(tool)}` },
  dynamicToolCall: { kind: "other", title: ({ tool }) => text(tool) },
  webSearch: { kind: "fetch", title: ({ query }) => text(query) },
  imageView: { kind: "read", title: ({ path }) => text(path) }
}

const inputOf = (item: Fields): unknown =>
  item["type"] === "commandExecution"
    ? { command: item["command"], cwd: item["cwd"] }
    : item["type"] === "fileChange"
    ? { changes: item["changes"] }
    : item["arguments"]

/** The events of an item that began or ended. `streamed`: the ids whose text or output came in pieces. */
const itemEvents = (item: Fields, over: boolean, streamed: ReadonlySet<string>): ReadonlyArray<AgentEvent> => {
  const id = text(item["id"])
  const type = text(item["type"])
  if (type === "agentMessage") return over && !streamed.has(id) ? [{ _tag: "Text", text: text(item["text"]) }] : []
  // Of a model without metadata, for example; the turn goes on.
  if (type === "error") return over ? [{ _tag: "Notice", text: text(item["message"]) }] : []
  const tool = tools[type]
  if (tool === undefined) return []
  const output = text(item["aggregatedOutput"])
  const status = statuses[text(item["status"])] ?? (over ? "completed" : "running")
  return [
    ...(over && output !== "" && !streamed.has(id) ? [{ _tag: "Output", tool: id, text: output } as const] : []),
    {
      _tag: "Tool",
      id,
      title: tool.title(item),
      kind: tool.kind,
      ...(!over && { input: inputOf(item) }),
      status: over && status === "running" ? "completed" : status
    }
  ]
}

/** The tokens of the turns of this process: what the thread has in all, less what it had before. */
const usageEvent = (params: Fields, before: Fields, model: string | undefined): AgentEvent => {
  const total = fieldsOf(fieldsOf(params["tokenUsage"])["total"])
  const used = (name: string) => Math.max(0, number(total[name]) - number(before[name]))
  return {
    _tag: "Usage",
    inputTokens: used("inputTokens"),
    outputTokens: used("outputTokens"),
    cacheReadTokens: used("cachedInputTokens"),
    cacheWriteTokens: used("cacheWriteInputTokens"),
    meaning: "turn",
    ...(model !== undefined && { model })
  }
}

const authWords = /\b(401|unauthorized|not logged in|login required)\b/i

/** How a turn ended. An interrupted one was asked for by `turn/interrupt`. */
const turnEnd = (turn: Fields): TurnEnd => {
  const message = text(fieldsOf(turn["error"])["message"])
  switch (turn["status"]) {
    case "completed":
      return { stop: "end" }
    case "interrupted":
      return { stop: "cancelled" }
    default:
      return { stop: "error", message: message === "" ? "codex ended its turn with an error" : message }
  }
}

/** The state of one conversation. */
interface Talk {
  /** The thread's tokens before this process began. */
  before: Fields
  model: string | undefined
  turnId: string
  turn: Deferred.Deferred<TurnEnd, AgentFailed> | undefined
  readonly streamed: Set<string>
}

const onNotification = (talk: Talk, onEvent: OnEvent) => (method: string, params: Fields): Effect.Effect<void> => {
  const id = text(params["itemId"])
  switch (method) {
    case "item/agentMessage/delta":
      talk.streamed.add(id)
      return onEvent({ _tag: "Text", text: text(params["delta"]) })
    case "item/reasoning/summaryTextDelta":
    case "item/reasoning/textDelta":
      return onEvent({ _tag: "Thought", text: text(params["delta"]) })
    case "item/commandExecution/outputDelta":
      talk.streamed.add(id)
      return onEvent({ _tag: "Output", tool: id, text: text(params["delta"]) })
    case "item/started":
    case "item/completed": {
      const item = fieldsOf(params["item"])
      const over = method === "item/completed"
      return Effect.forEach(itemEvents(item, over, talk.streamed), onEvent, { discard: true }).pipe(
        Effect.ensuring(Effect.sync(() => over && talk.streamed.delete(text(item["id"]))))
      )
    }
    case "turn/plan/updated": {
      const plan = Array.isArray(params["plan"]) ? params["plan"].map(fieldsOf) : []
      return onEvent({
        _tag: "Plan",
        entries: plan.map(({ status, step }) => ({ text: text(step), status: text(status) }))
      })
    }
    case "thread/tokenUsage/updated":
      // Tokens of a resumed thread are reported before the first turn: they are not of this attempt.
      if (talk.turn === undefined) {
        talk.before = fieldsOf(fieldsOf(params["tokenUsage"])["total"])
        return Effect.void
      }
      return onEvent(usageEvent(params, talk.before, talk.model))
    case "turn/completed": {
      const turn = fieldsOf(params["turn"])
      const waiting = talk.turn
      // A late end of another turn is ignored.
      if (waiting === undefined || (talk.turnId !== "" && turn["id"] !== talk.turnId)) return Effect.void
      return Effect.asVoid(Deferred.succeed(waiting, turnEnd(turn)))
    }
    default:
      return Effect.void
  }
}

const permission = (params: Fields, answer: "allowed" | "rejected"): AgentEvent => ({
  _tag: "Permission",
  tool: text(params["itemId"]),
  title: text(params["command"]) || text(params["reason"]) || "a change of files",
  answer
})

/** Answers a request of the server by the policy, each call once. */
const onRequest = (allowed: boolean, onEvent: OnEvent) => (method: string, params: Fields): Effect.Effect<unknown> => {
  const answer = allowed ? "allowed" : "rejected"
  switch (method) {
    case "item/commandExecution/requestApproval":
    case "item/fileChange/requestApproval":
      return Effect.as(onEvent(permission(params, answer)), { decision: allowed ? "accept" : "decline" })
    case "item/permissions/requestApproval":
      return Effect.as(onEvent(permission(params, answer)), {
        permissions: allowed ? params["permissions"] : {},
        scope: "turn"
      })
    default:
      return Effect.succeed(undefined)
  }
}

/** Opens the thread. A thread that cannot be resumed is replaced by a new one. */
const openThread = Effect.fnUntraced(function*(rpc: AgentRpc, { cwd, model, permissions, session }: AgentStart) {
  const terms = {
    cwd,
    approvalPolicy: permissions === "all" ? "on-request" : "untrusted",
    sandbox: permissions === "all" ? "workspace-write" : "read-only",
    ...(model !== undefined && { model })
  }
  const resumed = session === undefined
    ? Option.none<Fields>()
    : yield* rpc.request("thread/resume", { threadId: session, excludeTurns: true, ...terms }).pipe(
      Effect.asSome,
      Effect.catchIf(({ reason }) => reason === "refused", () => Effect.succeedNone)
    )
  const reply = Option.isSome(resumed) ? resumed.value : yield* rpc.request("thread/start", terms)
  return { id: text(fieldsOf(reply["thread"])["id"]), model: text(reply["model"]), resumed: Option.isSome(resumed) }
})

const version = "0.1.0"

/** Codex by its app server. Source: https://developers.openai.com/codex/app-server, and the types that the CLI prints. */
export const codexAppServer: AgentDriver = {
  start: Effect.fnUntraced(function*(start, onEvent) {
    const talk: Talk = { before: {}, model: start.model, turnId: "", turn: undefined, streamed: new Set() }
    const rpc = yield* startAgentRpc(start, { name: "codex app-server", args: ["app-server"] }, {
      onNotification: onNotification(talk, onEvent),
      onRequest: onRequest(start.permissions === "all", onEvent),
      onNotice: (notice) => onEvent({ _tag: "Notice", text: notice })
    })
    yield* rpc.request("initialize", {
      clientInfo: { name: "muster", title: "Muster", version },
      capabilities: { experimentalApi: true }
    })
    yield* rpc.notify("initialized")
    const thread = yield* openThread(rpc, start)
    if (thread.model !== "") talk.model = thread.model
    const cancelled = yield* Latch.make(false)

    const prompt = (words: string) =>
      Effect.gen(function*() {
        const ended = yield* Deferred.make<TurnEnd, AgentFailed>()
        talk.turnId = ""
        talk.turn = ended
        const reply = yield* rpc.request("turn/start", {
          threadId: thread.id,
          input: [{ type: "text", text: words, text_elements: [] }]
        })
        talk.turnId = text(fieldsOf(reply["turn"])["id"])
        const over = Effect.raceFirst(Deferred.await(ended), rpc.ended)
        // A turn that has just been accepted may not be running yet, and then refuses to be interrupted.
        const interrupted = cancelled.await.pipe(
          Effect.andThen(rpc.request("turn/interrupt", { threadId: thread.id, turnId: talk.turnId })),
          Effect.retry(Schedule.spaced("100 millis")),
          Effect.ignore,
          Effect.andThen(Effect.never)
        )
        return yield* Effect.raceFirst(over, interrupted)
      })

    return {
      sessionId: Effect.succeed(Option.some(thread.id)),
      resumed: thread.resumed,
      pid: rpc.pid,
      prompt: (words) =>
        Effect.map(prompt(words), (end): TurnEnd =>
          end.stop === "error" && authWords.test(end.message ?? "")
            ? { ...end, message: `${end.message} (log in on the machine: codex login)` }
            : end),
      cancel: Effect.asVoid(cancelled.open),
      endInput: rpc.endInput,
      exited: rpc.exited
    }
  })
}

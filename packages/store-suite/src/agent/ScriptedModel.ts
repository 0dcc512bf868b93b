import { Effect, Queue } from "effect"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { type Chunk, type Dialect, dialectOf } from "./dialects.ts"
import { type Answer, answerTo } from "./script.ts"

/** Something that happened at the model. */
export type ModelEvent =
  /** A request with tools arrived, and this is answered. */
  | {
    readonly _tag: "Asked"
    readonly path: string
    readonly said: string
    readonly results: number
    readonly answer: Answer["_tag"]
  }
  /** The client closed the connection before the answer's end. */
  | { readonly _tag: "HungUp"; readonly path: string }

/** A model on a loopback port that answers as `answerTo` says, over the APIs that agent CLIs use. */
export interface ScriptedModel {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  /** All events so far. */
  readonly events: ReadonlyArray<ModelEvent>
  /** Waits for the next event of this kind that was not waited for; those before it are passed over. */
  readonly next: (kind: ModelEvent["_tag"]) => Effect.Effect<ModelEvent>
}

/** Between two words of a slow answer, in ms. */
const slowly = 200

const bodyOf = async (request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString("utf8")
  try {
    return text === "" ? {} : JSON.parse(text)
  } catch {
    return {}
  }
}

const reply = (response: ServerResponse, status: number, body: unknown) => {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(JSON.stringify(body))
}

const write = (response: ServerResponse, { data, name }: Chunk) =>
  response.write(
    `${name === undefined ? "" : `event: ${name}\n`}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`
  )

const wordsOf = (answer: Answer): ReadonlyArray<string> =>
  answer._tag === "Text"
    ? answer.text.split(/(?<= )/)
    : answer._tag === "Slow"
    ? Array.from({ length: answer.words }, (_, index) => `word ${index} `)
    : []

const pause = () => Effect.runPromise(Effect.sleep(slowly))

const stream = async (response: ServerResponse, dialect: Dialect, answer: Answer, model: string) => {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  const { head, tail, word } = dialect.stream(answer, model)
  for (const chunk of head) write(response, chunk)
  let whole = ""
  for (const piece of wordsOf(answer)) {
    if (response.destroyed) return
    whole += piece
    write(response, word(piece))
    // oxlint-disable-next-line no-await-in-loop -- the words come one after another
    if (answer._tag === "Slow") await pause()
  }
  for (const chunk of tail(whole)) write(response, chunk)
  response.end()
}

const serve = (tell: (event: ModelEvent) => void) => async (request: IncomingMessage, response: ServerResponse) => {
  const path = new URL(request.url ?? "/", "http://model").pathname
  response.on("close", () => {
    if (!response.writableEnded) tell({ _tag: "HungUp", path })
  })
  const body = await bodyOf(request)
  if (path.endsWith("/count_tokens")) return reply(response, 200, { input_tokens: 100 })
  if (request.method === "GET" && path.endsWith("/models")) {
    const entry = { id: "scripted", object: "model", created: 1, owned_by: "local" }
    return reply(response, 200, { object: "list", data: [entry] })
  }
  const dialect = dialectOf(path)
  if (dialect === undefined) return reply(response, 404, { error: { message: "not found" } })
  const asked = dialect.asked(body)
  const answer = answerTo(asked)
  const model = String(body["model"] ?? "scripted")
  if (asked.tools.length > 0) {
    tell({ _tag: "Asked", path, said: asked.said, results: asked.results, answer: answer._tag })
  }
  if (answer._tag === "Error") return reply(response, answer.status, { error: { message: answer.message } })
  return asked.stream ? stream(response, dialect, answer, model) : reply(response, 200, dialect.whole(answer, model))
}

const listen = (server: Server, port: number) =>
  Effect.callback<number>((resume) => {
    server.once("error", (error) => resume(Effect.die(error)))
    server.listen(port, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
  })

/**
 * Starts a scripted model for the scope. `port` 0: any. On `node:http`, since tests need to see that a client hangs up in the
 * middle of an answer.
 */
export const scriptedModel = Effect.fnUntraced(function*(port = 0) {
  const events: Array<ModelEvent> = []
  const queue = yield* Queue.unbounded<ModelEvent>()
  const tell = (event: ModelEvent) => {
    events.push(event)
    Queue.offerUnsafe(queue, event)
  }
  const handle = serve(tell)
  const server = createServer((request, response) => void handle(request, response))
  const at = yield* Effect.acquireRelease(listen(server, port), () =>
    Effect.callback<void>((resume) => {
      server.close(() => resume(Effect.void))
      server.closeAllConnections()
    }))
  const next = (kind: ModelEvent["_tag"]): Effect.Effect<ModelEvent> =>
    Effect.flatMap(Queue.take(queue), (event) => event._tag === kind ? Effect.succeed(event) : next(kind))
  return { url: `http://127.0.0.1:${at}`, events, next } satisfies ScriptedModel
})

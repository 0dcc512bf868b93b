import { DaemonSocket } from "@muster/domain"
import { Effect, Queue, type Schema } from "effect"
import { type Received, type Reply, WireServer } from "./WireServer.ts"

type Fields = { readonly [key: string]: Schema.Json }

/** A task of the server, as its table has it. */
export interface Row {
  readonly id: string
  readonly fields: Fields
  status: "queued" | "dispatched" | "running" | "completed" | "failed" | "cancelled"
  readonly messages: Array<any>
  usage: ReadonlyArray<any>
  session: any
  /** The body of the report that ended it. */
  end: any
}

const ok: Reply = { status: 200, body: `{"status":"ok"}` }
const json = (value: unknown): Reply => ({ status: 200, body: JSON.stringify(value) })
const absent: Reply = { status: 404, body: `{"error":"task not found"}` }

/**
 * A v0.3.1 server's calls for tasks over real HTTP, with the states and replies of `docs/protocol.md` 9.1–9.11: it fences
 * nothing, stores a message as often as it comes, and ignores an end in a state that does not allow it.
 */
export class LegacyServer {
  readonly wire: WireServer
  readonly rows: Array<Row> = []
  readonly issues = new Map<string, Fields>()
  /** The calls about tasks, in order: `claim`, `recover-orphans`, `start`, … */
  readonly calls: Array<string> = []
  /** The answer in place of the server's own; what was asked is done all the same if `after`. */
  fault: (word: string) => { readonly after: boolean; readonly status: number } | undefined = () => undefined
  readonly #changes: Queue.Queue<void>

  private constructor(wire: WireServer, changes: Queue.Queue<void>) {
    this.wire = wire
    this.#changes = changes
    wire.capabilities = undefined
    wire.script = (received) => this.#answer(received)
  }

  static readonly make = Effect.gen(function*() {
    return new LegacyServer(yield* WireServer.make, yield* Queue.unbounded<void>())
  })

  /** Puts a task into the queue. */
  enqueue(fields: Fields): Row {
    const id = crypto.randomUUID()
    const row: Row = { id, fields, status: "queued", messages: [], usage: [], session: null, end: null }
    this.rows.push(row)
    return row
  }

  /** Tells the daemon's sockets of a new task. */
  hint(runtime: string) {
    for (const socket of this.wire.sockets) socket.send(DaemonSocket.taskAvailableFrame(runtime))
  }

  /** Waits until this holds, which is looked at after each call about tasks. */
  until(holds: () => boolean): Effect.Effect<void> {
    return Effect.suspend(() => holds() ? Effect.void : Effect.andThen(Queue.take(this.#changes), this.until(holds)))
  }

  #answer(received: Received): Reply | undefined {
    const { path } = received
    const issue = /^\/api\/issues\/([^?]+)\?workspace_id=/.exec(path)?.[1]
    if (issue !== undefined) {
      const found = this.issues.get(issue)
      return found === undefined ? { status: 404, body: `{"error":"issue not found"}` } : json(found)
    }
    const [, runtime, what] = /^\/api\/daemon\/runtimes\/([^/]+)\/(tasks\/claim|recover-orphans)$/.exec(path) ?? []
    const [, id, word = ""] = /^\/api\/daemon\/tasks\/([^/]+)\/([a-z]+)/.exec(path) ?? []
    const name = what === undefined ? word : what.replace("tasks/", "")
    if (name === "") return undefined
    const fault = this.fault(name)
    this.calls.push(name)
    const reply = fault?.after === false
      ? undefined
      : runtime === undefined
      ? this.#onTask(id!, word, received)
      : what === "tasks/claim"
      ? this.#claim(runtime)
      : this.#recover(runtime)
    Queue.offerUnsafe(this.#changes, undefined)
    return fault === undefined ? reply : { status: fault.status, body: `{"error":"as scripted"}` }
  }

  #claim(runtime: string): Reply {
    const row = this.rows.find(({ fields, status }) => status === "queued" && fields["runtime_id"] === runtime)
    if (row === undefined) return json({ task: null })
    row.status = "dispatched"
    return json({ task: { issue_id: "", status: row.status, priority: 0, attempt: 1, ...row.fields, id: row.id } })
  }

  #recover(runtime: string): Reply {
    const lost = this.rows.filter(({ fields, status }) =>
      fields["runtime_id"] === runtime && (status === "dispatched" || status === "running")
    )
    for (const row of lost) {
      row.status = "failed"
      row.end = { error: "daemon restarted while task was in flight", failure_reason: "runtime_recovery" }
    }
    return json({ orphaned: lost.length, retried: 0 })
  }

  #onTask(id: string, word: string, { body, method, path }: Received): Reply {
    const row = this.rows.find((one) => one.id === id)
    if (row === undefined) return absent
    const input = body === "" ? {} : JSON.parse(body)
    switch (word) {
      case "start":
        if (row.status !== "dispatched") return { status: 400, body: `{"error":"start task: no rows in result set"}` }
        row.status = "running"
        return json({ id, status: row.status })
      case "messages": {
        const since = Number(new URL(path, "http://x").searchParams.get("since") ?? 0)
        if (method === "GET") return json(row.messages.filter(({ seq }) => seq > since))
        row.messages.push(...input.messages)
        return ok
      }
      case "usage":
        row.usage = input.usage
        return ok
      case "session":
        row.session = input
        return { status: 204, body: "" }
      case "status":
        return json({ status: row.status })
      case "complete":
      case "fail":
        if (row.status === "running" || (word === "fail" && row.status === "dispatched")) {
          row.status = word === "fail" ? "failed" : "completed"
          row.end = input
        }
        return json({ id, status: row.status })
      default:
        return { status: 404, body: "404 page not found" }
    }
  }
}

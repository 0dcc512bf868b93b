import { Identity, type Request, Runtime } from "@muster/domain"
import { Effect, Layer, Queue } from "effect"
import {
  type ListedWorkspace,
  type RegisteredRow,
  type Report,
  type RepositoryUrls,
  ServerApi
} from "../../src/client/ServerApi.ts"
import { Gone, type Refused, Unreachable } from "../../src/client/ServerError.ts"

export type Operation =
  | "workspaces"
  | "repositories"
  | "register"
  | "deregister"
  | "heartbeat"
  | "recoverOrphans"
  | "report"

export interface Call {
  readonly operation: Operation
  /** The workspace or runtime it is about; ids joined by commas. */
  readonly about: string
}

type Passage = (call: Call) => Effect.Effect<void, Refused | Unreachable>

const uuid = (head: string, n: number) => `${head}-0000-4000-8000-${n.toString(16).padStart(12, "0")}`

export const workspaceId = (n: number) => Identity.WorkspaceId.make(uuid("aaaaaaaa", n))

export const broken = (status: number) =>
  new Unreachable({ operation: "test", reason: `answered ${status}`, status, retryAfter: null })

/** A server in memory that implements registration by the protocol, with a hook before and after each call. */
export class FakeServer {
  listed: Array<ListedWorkspace> = []
  /** What a workspace allows; absent: nothing. */
  readonly repositories = new Map<Identity.WorkspaceId, RepositoryUrls>()
  readonly rows = new Map<string, RegisteredRow>()
  readonly calls: Array<Call> = []
  readonly reports: Array<Report> = []
  /** What the next answered beats carry, per runtime; taken by the beat. */
  readonly work = new Map<Runtime.RuntimeId, Record<string, { readonly id: string }>>()
  /** What every answered beat carries. */
  fields: Request.Json = {}
  /** On the way in: what fails here did not reach the server. */
  arriving: Passage = () => Effect.void
  /** On the way out: the work is done, the answer under way. */
  leaving: Passage = () => Effect.void
  readonly #events: Queue.Queue<Call>
  #next = 0

  constructor(events: Queue.Queue<Call>) {
    this.#events = events
  }

  static readonly make = Effect.map(Queue.unbounded<Call>(), (events) => new FakeServer(events))

  count(operation: Operation, about?: string) {
    return this.calls.filter((call) => call.operation === operation && (about ?? call.about) === call.about).length
  }

  /** Waits for the next call of this sort that has not been waited for; those before it are passed over. */
  next(operation: Operation): Effect.Effect<Call> {
    return Effect.flatMap(Queue.take(this.#events), (call) => {
      const wanted = call.operation === operation
      return wanted ? Effect.succeed(call) : this.next(operation)
    })
  }

  /** What was called so far is not to be waited for. */
  readonly forget = Effect.suspend(() => Queue.clear(this.#events))

  row(workspace: Identity.WorkspaceId, provider: string) {
    return this.rows.get(`${workspace}/${provider}`)
  }

  delete(id: Runtime.RuntimeId) {
    for (const [key, row] of this.rows) if (row.id === id) this.rows.delete(key)
  }

  has(id: Runtime.RuntimeId) {
    return [...this.rows.values()].some((row) => row.id === id)
  }

  #call<A>(operation: Operation, about: string, work: () => Effect.Effect<A, Gone>) {
    return Effect.suspend(() => {
      const call = { operation, about }
      this.calls.push(call)
      Queue.offerUnsafe(this.#events, call)
      return this.arriving(call).pipe(
        Effect.andThen(Effect.suspend(work)),
        Effect.tap(() => this.leaving(call))
      )
    })
  }

  #upsert(workspace: Identity.WorkspaceId, provider: string): RegisteredRow {
    const key = `${workspace}/${provider}`
    const row = this.rows.get(key) ??
      { id: Runtime.RuntimeId.make(uuid("bbbbbbbb", ++this.#next)), provider, name: `${provider} (box)` }
    this.rows.set(key, row)
    return row
  }

  readonly api = ServerApi.of({
    workspaces: this.#call("workspaces", "", () => Effect.succeed([...this.listed])).pipe(
      Effect.catchTag("Gone", Effect.die)
    ),
    register: (workspace, clis) =>
      this.#call(
        "register",
        workspace,
        () => Effect.succeed(clis.map(({ provider }) => this.#upsert(workspace, provider)))
      ).pipe(Effect.catchTag("Gone", Effect.die)),
    repositories: (workspace) =>
      this.#call(
        "repositories",
        workspace,
        () => Effect.succeed(this.repositories.get(workspace) ?? { urls: [], version: "empty" })
      ).pipe(Effect.catchTag("Gone", Effect.die)),
    deregister: (ids) =>
      this.#call("deregister", ids.join(","), () => Effect.void).pipe(Effect.catchTag("Gone", Effect.die)),
    heartbeat: (id) =>
      this.#call("heartbeat", id, () => {
        if (!this.has(id)) return Effect.fail(new Gone({ operation: "heartbeat" }))
        const fields = this.work.get(id) ?? {}
        this.work.delete(id)
        return Effect.succeed({ gone: false, fields: { status: "ok", ...this.fields, ...fields } })
      }),
    recoverOrphans: (id) => this.#call("recoverOrphans", id, () => Effect.void),
    report: (report) => this.#call("report", report.requestId, () => Effect.sync(() => void this.reports.push(report)))
  })

  readonly layer = Layer.succeed(ServerApi, this.api)
}

import { StoreUnavailable } from "@muster/domain"
import { Effect, Latch } from "effect"
import { Cluster } from "ioredis"
import { Circuits } from "./Circuits.ts"
import type { RedisClient } from "./RedisClient.ts"
import { Vigil } from "./Vigil.ts"
import { onWallClock, wallNow } from "./WallClock.ts"

/** How many operations may be under way at once; one more is refused. */
const mostUnderWay = 10_000

/** How long (ms) an operation waits for a connection that was just lost. */
const grace = 300

/** What the gate tells of its servers: that one fails (again and again, a few times an hour), that it answers again. */
export type Tell = (server: string, failures: number, cause: unknown) => void

/**
 * The one way to Redis: each operation has a deadline, no more than a bounded number are under way, and a server that
 * does not answer is left alone until it does.
 */
export class Gate {
  readonly #client: RedisClient
  readonly #deadline: number
  readonly #tell: Tell
  readonly #circuits: Circuits
  readonly #vigil = new Vigil()
  readonly #ready = Latch.makeUnsafe(false)
  #underWay = 0

  /** `deadline` in ms; `tell` hears 0 failures when a server answers again. */
  constructor(client: RedisClient, deadline: number, tell: Tell) {
    this.#client = client
    this.#deadline = deadline
    this.#tell = tell
    this.#circuits = new Circuits(client)
    client.on("ready", () => {
      for (const server of this.#circuits.servers) this.#succeeded(server)
      this.#ready.openUnsafe()
    })
    for (const end of ["close", "end", "reconnecting"]) client.on(end, () => this.#ready.closeUnsafe())
    if (client instanceof Cluster) {
      client.on(
        "+node",
        (node: RedisNode) => node.on("ready", () => this.#succeeded(`${node.options.host}:${node.options.port}`))
      )
    }
  }

  /** Waits until there is a connection. */
  get ready(): Effect.Effect<void> {
    return this.#ready.await
  }

  get isReady(): boolean {
    return this.#client.status === "ready"
  }

  /** Whether a command about this key would be let through now; asking is not trying. */
  isOpenTo(key: string): boolean {
    return this.isReady && !this.#circuits.of(this.#circuits.serverOf(key)).isOpen
  }

  /** Sends a command about this key without waiting for what becomes of it; false: it was not even sent. */
  post(key: string, send: () => Promise<unknown>): boolean {
    if (!this.isOpenTo(key) || this.#underWay >= mostUnderWay) return false
    const server = this.#circuits.serverOf(key)
    this.#underWay++
    this.#watched(server, send()).catch(() => undefined).finally(() => {
      this.#underWay--
    })
    return true
  }

  /** An operation about this key: what `send` answers within the deadline. */
  pass<A>(operation: string, key: string, send: () => Promise<A>): Effect.Effect<A, StoreUnavailable> {
    const fail = (cause: unknown) => new StoreUnavailable({ operation, cause })
    return Effect.suspend(() => {
      const server = this.#circuits.serverOf(key)
      const circuit = this.#circuits.of(server)
      if (this.#underWay >= mostUnderWay) return fail(new Error(`${mostUnderWay} operations are under way`))
      if (!circuit.admits(wallNow())) return fail(new Error(`${server} does not answer`))
      if (this.isReady && !(this.#client instanceof Cluster)) return this.#direct(server, send, fail)
      this.#underWay++
      const call = Effect.tryPromise({ try: () => this.#awaited(server, send()), catch: fail })
      const late = Effect.suspend(() => {
        const cause = new Error(`no answer within ${this.#deadline} ms`)
        this.#failed(server, cause, false)
        return fail(cause)
      })
      return (this.isReady ? call : Effect.andThen(this.#connected(server, fail), call)).pipe(
        Effect.timeoutOrElse({ duration: this.#deadline, orElse: () => late }),
        Effect.ensuring(Effect.sync(() => this.#underWay--)),
        onWallClock
      )
    }).pipe(Effect.withSpan(operation, {}, { captureStackTrace: false }))
  }

  /** On one ready connection the client's own deadline holds, and the answer resumes the caller without a detour. */
  #direct<A>(server: string, send: () => Promise<A>, fail: (cause: unknown) => StoreUnavailable) {
    return Effect.callback<A, StoreUnavailable>((resume) => {
      this.#underWay++
      const settle = (result: Effect.Effect<A, StoreUnavailable>) => {
        this.#underWay--
        resume(result)
      }
      this.#awaited(server, send()).then(
        (answer) => settle(Effect.succeed(answer)),
        (cause: unknown) => settle(Effect.fail(fail(cause)))
      )
    })
  }

  #connected<E>(server: string, fail: (cause: unknown) => E) {
    return Effect.timeoutOrElse(this.#ready.await, {
      duration: this.#circuits.of(server).isOpen ? 0 : grace,
      orElse: () => {
        const cause = new Error("there is no connection")
        this.#failed(server, cause, true)
        return Effect.fail(fail(cause))
      }
    })
  }

  /** A command whose answer somebody waits for. */
  #awaited<A>(server: string, sent: Promise<A>): Promise<A> {
    const at = this.#vigil.sent()
    const over = () => this.#vigil.answered(at)
    sent.then(over, over)
    return this.#watched(server, sent)
  }

  /** What becomes of a command is noted even when nobody waits for it any more. */
  #watched<A>(server: string, sent: Promise<A>): Promise<A> {
    sent.then(() => this.#succeeded(server), (cause) => this.#failed(server, cause, false))
    return sent
  }

  #succeeded(server: string): void {
    if (this.#circuits.of(server).close()) this.#tell(server, 0, undefined)
  }

  #failed(server: string, cause: unknown, certain: boolean): void {
    const circuit = this.#circuits.of(server)
    if (circuit.fail(wallNow(), certain)) this.#tell(server, circuit.failures, cause)
    // Where the slots are may have changed, and only a redirection would have said so.
    if (this.#client instanceof Cluster && this.isReady) this.#client.refreshSlotsCache()
  }
}

interface RedisNode {
  readonly options: { readonly host?: string; readonly port?: number }
  on(event: string, listener: () => void): unknown
}

import { Store } from "@muster/domain"
import { machineNow, onMachineClock, spanIfTraced } from "@muster/kit"
import { Effect, Latch } from "effect"
import { Cluster } from "ioredis"
import { CircuitBreakers } from "./CircuitBreakers.ts"
import { explained, faultOf, reasonOf } from "./Fault.ts"
import { Outcomes, type Reports } from "./Outcomes.ts"
import { Redial } from "./Redial.ts"
import type { RedisClient } from "./RedisClient.ts"

/** The maximum number of operations in flight; one more is refused. */
const maxInFlight = 10_000

const tooMany = `${maxInFlight} operations are in flight`

/** How long an operation waits for a lost connection to return, in ms. */
const grace = 300

/**
 * Guards every command to Redis: each operation has a deadline, the number in flight is bounded, and a server that does not
 * answer gets one trial call a second until it answers again.
 */
export class RedisGuard {
  readonly #client: RedisClient
  readonly #deadline: number
  readonly #redial: Redial
  readonly #breakers: CircuitBreakers
  readonly #outcomes: Outcomes
  readonly #ready = Latch.makeUnsafe(false)
  #inFlight = 0
  /** The reason why every operation is refused, such as a Redis that is too old; undefined: none. */
  unfit: string | undefined

  /** `deadline` in ms. */
  constructor(client: RedisClient, deadline: number, reports: Reports) {
    this.#client = client
    this.#deadline = deadline
    this.#redial = new Redial(client)
    this.#breakers = new CircuitBreakers(client)
    this.#outcomes = new Outcomes(client, this.#breakers, this.#redial, reports)
    client.on("ready", () => this.#ready.openUnsafe())
    for (const end of ["close", "end", "reconnecting"]) client.on(end, () => this.#ready.closeUnsafe())
  }

  /** Waits until there is a connection. */
  get ready(): Effect.Effect<void> {
    return this.#ready.await
  }

  get isReady(): boolean {
    return this.#client.status === "ready" && (!this.#redial.isDue || this.#client instanceof Cluster)
  }

  /** Whether a command for this key would be sent now. Takes no trial call of an open circuit breaker. */
  isOpenTo(key: string): boolean {
    return this.isReady && !this.#breakers.of(this.#breakers.serverOf(key)).isOpen
  }

  /** Sends a command for this key without waiting for its answer. Returns false if it was not sent. */
  post(operation: string, key: string, send: () => Promise<unknown>): boolean {
    if (!this.isOpenTo(key) || this.unfit !== undefined || this.#inFlight >= maxInFlight) return false
    const server = this.#breakers.serverOf(key)
    this.#inFlight++
    this.#outcomes.watched(operation, server, send()).catch(() => undefined).finally(() => {
      this.#inFlight--
    })
    return true
  }

  /**
   * Runs one operation on this key: returns what `send` answers within the deadline. If the server refuses the command
   * (a replica after a failover), reconnects and runs `send` once more; the first attempt changed nothing.
   */
  pass<A>(operation: string, key: string, send: () => Promise<A>): Effect.Effect<A, Store.StoreUnavailable> {
    return Effect.suspend(() => {
      const attempt = this.#attempt(operation, key, send)
      return attempt.pipe(Effect.catch((error) =>
        faultOf(error.cause) === "notServing" && this.#redial.isDue
          ? Effect.andThen(this.#redialed(error), attempt)
          : Effect.fail(error)
      ))
    }).pipe(spanIfTraced(operation))
  }

  #attempt<A>(operation: string, key: string, send: () => Promise<A>): Effect.Effect<A, Store.StoreUnavailable> {
    const fail = (cause: unknown, reason = reasonOf(cause)) =>
      new Store.StoreUnavailable({ operation, cause: explained(cause), backend: "Redis", reason })
    return Effect.suspend(() => {
      const server = this.#breakers.serverOf(key)
      const breaker = this.#breakers.of(server)
      if (this.unfit !== undefined) return fail(new Error(this.unfit), this.unfit)
      if (this.#inFlight >= maxInFlight) return fail(new Error(tooMany), tooMany)
      if (!breaker.admits(machineNow())) return fail(new Error(`${server} does not answer`))
      if (this.isReady && !(this.#client instanceof Cluster)) return this.#direct(operation, server, send, fail)
      this.#inFlight++
      const call = Effect.tryPromise({
        try: () => this.#outcomes.watched(operation, server, send()),
        catch: (cause) => fail(cause)
      })
      const late = Effect.suspend(() => {
        const cause = new Error(`no answer within ${this.#deadline} ms`)
        this.#outcomes.failed(operation, server, cause, false)
        return fail(cause)
      })
      return (this.isReady ? call : Effect.andThen(this.#connected(operation, server, fail), call)).pipe(
        Effect.timeoutOrElse({ duration: this.#deadline, orElse: () => late }),
        Effect.ensuring(Effect.sync(() => this.#inFlight--)),
        onMachineClock
      )
    })
  }

  /** On a single ready connection the client's own deadline applies, so the answer resumes the caller directly. */
  #direct<A>(
    operation: string,
    server: string,
    send: () => Promise<A>,
    fail: (cause: unknown) => Store.StoreUnavailable
  ) {
    return Effect.callback<A, Store.StoreUnavailable>((resume) => {
      this.#inFlight++
      const settle = (result: Effect.Effect<A, Store.StoreUnavailable>) => {
        this.#inFlight--
        resume(result)
      }
      this.#outcomes.watched(operation, server, send()).then(
        (answer) => settle(Effect.succeed(answer)),
        (cause: unknown) => settle(Effect.fail(fail(cause)))
      )
    })
  }

  #connected(operation: string, server: string, fail: (cause: unknown) => Store.StoreUnavailable) {
    const timeout = this.#redial.isDue ? this.#deadline : grace
    return Effect.timeoutOrElse(Effect.andThen(this.#redial.done.await, this.#ready.await), {
      duration: this.#breakers.of(server).isOpen ? 0 : timeout,
      orElse: () => {
        const cause = new Error("there is no connection")
        this.#outcomes.failed(operation, server, cause, true)
        return Effect.fail(fail(cause))
      }
    })
  }

  /** Waits for the new connection; without one within the deadline the first attempt's error is the answer. */
  #redialed(error: Store.StoreUnavailable) {
    return this.#redial.done.await.pipe(
      Effect.timeoutOrElse({ duration: this.#deadline, orElse: () => Effect.fail(error) }),
      onMachineClock
    )
  }
}

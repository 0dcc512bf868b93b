import { StoreUnavailable } from "@muster/domain"
import { machineNow, onMachineClock } from "@muster/kit"
import { Effect, Latch } from "effect"
import { Cluster } from "ioredis"
import { Circuits } from "./Circuits.ts"
import { explained, faultOf, reasonOf } from "./Fault.ts"
import { Outcomes, type Reports } from "./Outcomes.ts"
import { Redial } from "./Redial.ts"
import type { RedisClient } from "./RedisClient.ts"
import { Vigil } from "./Vigil.ts"

/** How many operations may be under way at once; one more is refused. */
const mostUnderWay = 10_000

const tooMany = `${mostUnderWay} operations are under way`

/** How long (ms) an operation waits for a connection that was just lost. */
const grace = 300

/**
 * The one way to Redis: each operation has a deadline, no more than a bounded number are under way, and a server that
 * does not answer is left alone until it does.
 */
export class Gate {
  readonly #client: RedisClient
  readonly #deadline: number
  readonly #redial: Redial
  readonly #circuits: Circuits
  readonly #outcomes: Outcomes
  readonly #vigil = new Vigil()
  readonly #ready = Latch.makeUnsafe(false)
  #underWay = 0
  /** Why no operation is let through, whatever Redis answers; undefined: nothing stands against it. */
  unfit: string | undefined

  /** `deadline` in ms. */
  constructor(client: RedisClient, deadline: number, reports: Reports) {
    this.#client = client
    this.#deadline = deadline
    this.#redial = new Redial(client)
    this.#circuits = new Circuits(client)
    this.#outcomes = new Outcomes(client, this.#circuits, this.#redial, reports)
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

  /** Whether a command about this key would be let through now; asking is not trying. */
  isOpenTo(key: string): boolean {
    return this.isReady && !this.#circuits.of(this.#circuits.serverOf(key)).isOpen
  }

  /** Sends a command about this key without waiting for its answer. Returns false if it was not sent. */
  post(operation: string, key: string, send: () => Promise<unknown>): boolean {
    if (!this.isOpenTo(key) || this.unfit !== undefined || this.#underWay >= mostUnderWay) return false
    const server = this.#circuits.serverOf(key)
    this.#underWay++
    this.#outcomes.watched(operation, server, send()).catch(() => undefined).finally(() => {
      this.#underWay--
    })
    return true
  }

  /**
   * An operation about this key: what `send` answers within the deadline. Where the server takes no such command (a replica
   * after a failover), it is dialed again and `send` runs once more: nothing was done before.
   */
  pass<A>(operation: string, key: string, send: () => Promise<A>): Effect.Effect<A, StoreUnavailable> {
    return Effect.suspend(() => {
      const attempt = this.#attempt(operation, key, send)
      return attempt.pipe(Effect.catch((error) =>
        faultOf(error.cause) === "notServing" && this.#redial.isDue
          ? Effect.andThen(this.#redialed(error), attempt)
          : Effect.fail(error)
      ))
    }).pipe(Effect.withSpan(operation, {}, { captureStackTrace: false }))
  }

  #attempt<A>(operation: string, key: string, send: () => Promise<A>): Effect.Effect<A, StoreUnavailable> {
    const fail = (cause: unknown, reason = reasonOf(cause)) =>
      new StoreUnavailable({ operation, cause: explained(cause), backend: "Redis", reason })
    return Effect.suspend(() => {
      const server = this.#circuits.serverOf(key)
      const circuit = this.#circuits.of(server)
      if (this.unfit !== undefined) return fail(new Error(this.unfit), this.unfit)
      if (this.#underWay >= mostUnderWay) return fail(new Error(tooMany), tooMany)
      if (!circuit.admits(machineNow())) return fail(new Error(`${server} does not answer`))
      if (this.isReady && !(this.#client instanceof Cluster)) return this.#direct(operation, server, send, fail)
      this.#underWay++
      const call = Effect.tryPromise({
        try: () => this.#awaited(operation, server, send()),
        catch: (cause) => fail(cause)
      })
      const late = Effect.suspend(() => {
        const cause = new Error(`no answer within ${this.#deadline} ms`)
        this.#outcomes.failed(operation, server, cause, false)
        return fail(cause)
      })
      return (this.isReady ? call : Effect.andThen(this.#connected(operation, server, fail), call)).pipe(
        Effect.timeoutOrElse({ duration: this.#deadline, orElse: () => late }),
        Effect.ensuring(Effect.sync(() => this.#underWay--)),
        onMachineClock
      )
    })
  }

  /** On one ready connection the client's own deadline holds, and the answer resumes the caller without a detour. */
  #direct<A>(
    operation: string,
    server: string,
    send: () => Promise<A>,
    fail: (cause: unknown) => StoreUnavailable
  ) {
    return Effect.callback<A, StoreUnavailable>((resume) => {
      this.#underWay++
      const settle = (result: Effect.Effect<A, StoreUnavailable>) => {
        this.#underWay--
        resume(result)
      }
      this.#awaited(operation, server, send()).then(
        (answer) => settle(Effect.succeed(answer)),
        (cause: unknown) => settle(Effect.fail(fail(cause)))
      )
    })
  }

  #connected(operation: string, server: string, fail: (cause: unknown) => StoreUnavailable) {
    const patience = this.#redial.isDue ? this.#deadline : grace
    return Effect.timeoutOrElse(Effect.andThen(this.#redial.done.await, this.#ready.await), {
      duration: this.#circuits.of(server).isOpen ? 0 : patience,
      orElse: () => {
        const cause = new Error("there is no connection")
        this.#outcomes.failed(operation, server, cause, true)
        return Effect.fail(fail(cause))
      }
    })
  }

  /** Waits for the new connection; without one within the deadline the first attempt's error is the answer. */
  #redialed(error: StoreUnavailable) {
    return this.#redial.done.await.pipe(
      Effect.timeoutOrElse({ duration: this.#deadline, orElse: () => Effect.fail(error) }),
      onMachineClock
    )
  }

  /** A command whose answer somebody waits for. */
  #awaited<A>(operation: string, server: string, sent: Promise<A>): Promise<A> {
    const at = this.#vigil.sent()
    const over = () => this.#vigil.answered(at)
    sent.then(over, over)
    return this.#outcomes.watched(operation, server, sent)
  }
}

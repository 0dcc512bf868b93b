import { machineNow } from "@muster/kit"
import { Cluster } from "ioredis"
import type { CircuitBreakers } from "./CircuitBreakers.ts"
import { faultOf, refusalOf } from "./Fault.ts"
import type { Redial } from "./Redial.ts"
import type { RedisClient } from "./RedisClient.ts"
import { Refusals } from "./Refusals.ts"

/** What is reported about the servers. */
export interface Reports {
  /** A server fails (repeatedly, a few times an hour); 0 failures: it answers again. */
  readonly silence: (server: string, failures: number, cause: unknown) => void
  /** Redis answers and refuses writes, for this reason; undefined: every operation that was refused has succeeded again. */
  readonly refusal: (reason: string | undefined) => void
}

interface RedisNode {
  readonly options: { readonly host?: string; readonly port?: number }
  on(event: string, listener: () => void): unknown
}

/**
 * What the commands' answers show about their servers: a server that does not answer opens its circuit breaker, one that takes no
 * writes is dialed again, and both are reported.
 */
export class Outcomes {
  readonly #client: RedisClient
  readonly #breakers: CircuitBreakers
  readonly #redial: Redial
  readonly #reports: Reports
  readonly #refusals = new Refusals()

  constructor(client: RedisClient, breakers: CircuitBreakers, redial: Redial, reports: Reports) {
    this.#client = client
    this.#breakers = breakers
    this.#redial = redial
    this.#reports = reports
    client.on("ready", () => {
      for (const server of breakers.servers) this.#answered(server)
    })
    if (client instanceof Cluster) {
      client.on(
        "+node",
        (node: RedisNode) => node.on("ready", () => this.#answered(`${node.options.host}:${node.options.port}`))
      )
    }
  }

  /** Records how the command ends, even when no caller waits for it any more. */
  watched<A>(operation: string, server: string, sent: Promise<A>): Promise<A> {
    this.#redial.sent()
    sent.then(
      () => this.#succeeded(operation, server),
      (cause: unknown) => {
        this.failed(operation, server, cause, false)
        this.#redial.answered()
      }
    )
    return sent
  }

  #succeeded(operation: string, server: string): void {
    this.#redial.answered()
    this.#answered(server)
    if (this.#refusals.succeeded(operation)) this.#reports.refusal(undefined)
  }

  /** The operation failed; `certain`: so will the next one about this server. */
  failed(operation: string, server: string, cause: unknown, certain: boolean): void {
    const fault = faultOf(cause)
    if (fault === "unreachable") this.#silent(server, cause, certain)
    // The server answered, so its circuit breaker stays closed.
    else this.#answered(server)
    const refusal = refusalOf(cause)
    if (refusal !== undefined) {
      this.#refusals.refused(operation)
      this.#reports.refusal(`${refusal} (${(cause as Error).message})`)
    }
    if (fault === "notServing") this.#redial.request(machineNow())
  }

  #silent(server: string, cause: unknown, certain: boolean): void {
    const breaker = this.#breakers.of(server)
    if (breaker.fail(machineNow(), certain)) this.#reports.silence(server, breaker.failures, cause)
    // The map of the slots may have changed, and only a redirection would have shown it.
    if (this.#client instanceof Cluster && this.#client.status === "ready") this.#client.refreshSlotsCache()
  }

  #answered(server: string): void {
    if (this.#breakers.of(server).close()) this.#reports.silence(server, 0, undefined)
  }
}

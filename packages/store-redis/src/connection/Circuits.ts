import slotOf from "cluster-key-slot"
import { Cluster } from "ioredis"
import { Circuit } from "./Circuit.ts"
import type { RedisClient } from "./RedisClient.ts"

const only = "Redis"

/** One circuit for each server: a dead node of a cluster must not close the way to the others. */
export class Circuits {
  readonly #client: RedisClient
  readonly #circuits = new Map<string, Circuit>()

  constructor(client: RedisClient) {
    this.#client = client
  }

  /** The server that has this key, by the name that it gets in the log. */
  serverOf(key: string): string {
    const { slots } = this.#client instanceof Cluster ? this.#client : { slots: undefined }
    return slots?.[slotOf(key)]?.[0] ?? only
  }

  of(server: string): Circuit {
    let circuit = this.#circuits.get(server)
    if (circuit === undefined) this.#circuits.set(server, circuit = new Circuit())
    return circuit
  }

  /** All servers met so far: as many as the cluster ever had nodes. */
  get servers(): Iterable<string> {
    return this.#circuits.keys()
  }
}

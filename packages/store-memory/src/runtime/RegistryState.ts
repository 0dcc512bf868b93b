import {
  type DaemonId,
  type Gone,
  gone,
  type Lookup,
  type Runtime,
  type RuntimeId,
  tombstoneRetention,
  type WorkspaceId
} from "@muster/domain"

type Tombstone = Exclude<Gone, { readonly reason: "unknown" }>

const keyOf = (workspace: WorkspaceId, daemon: DaemonId, provider: string) =>
  JSON.stringify([workspace, daemon, provider])

/** The key of a row that a daemon made; rows without a daemon have none. */
const rowKey = ({ daemonId, provider, workspaceId }: Runtime) =>
  daemonId === null ? undefined : keyOf(workspaceId, daemonId, provider)

/**
 * The table of runtimes with its tombstones. Layers built on the same state are nodes of one backend. Rows are never
 * changed in place, so what was handed out stays as it was.
 */
export class RegistryState {
  /** In the order of creation. */
  readonly #rows = new Map<RuntimeId, Runtime>()
  readonly #ids = new Map<string, RuntimeId>()
  /** In the order of death. */
  readonly #tombstones = new Map<RuntimeId, Tombstone>()
  /** Rows whose name a person gave: a registration leaves it alone. */
  readonly #named = new Set<RuntimeId>()

  get rows(): Iterable<Runtime> {
    return this.#rows.values()
  }

  /** How many things are held: rows and tombstones. */
  get size(): number {
    return this.#rows.size + this.#tombstones.size
  }

  row(id: RuntimeId): Runtime | undefined {
    return this.#rows.get(id)
  }

  rowOf(workspace: WorkspaceId, daemon: DaemonId, provider: string): Runtime | undefined {
    const id = this.#ids.get(keyOf(workspace, daemon, provider))
    return id === undefined ? undefined : this.#rows.get(id)
  }

  find(id: RuntimeId): Lookup {
    const runtime = this.#rows.get(id)
    return runtime === undefined ? this.#tombstones.get(id) ?? gone.unknown : { _tag: "Found", runtime }
  }

  put(runtime: Runtime): Runtime {
    this.#rows.set(runtime.id, runtime)
    const key = rowKey(runtime)
    if (key !== undefined) this.#ids.set(key, runtime.id)
    return runtime
  }

  isNamed(id: RuntimeId): boolean {
    return this.#named.has(id)
  }

  name(id: RuntimeId): void {
    this.#named.add(id)
  }

  /** Removes the row; with a tombstone where it is to be said why. */
  drop(runtime: Runtime, tombstone?: Tombstone): void {
    this.#rows.delete(runtime.id)
    this.#named.delete(runtime.id)
    const key = rowKey(runtime)
    if (key !== undefined) this.#ids.delete(key)
    if (tombstone !== undefined) this.#tombstones.set(runtime.id, tombstone)
  }

  forgetTombstones(now: number): void {
    for (const [id, { at }] of this.#tombstones) {
      if (now - at <= tombstoneRetention) return
      this.#tombstones.delete(id)
    }
  }
}

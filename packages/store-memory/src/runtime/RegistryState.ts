import { type Identity, type Runtime, RuntimeRegistry } from "@muster/domain"

type Tombstone = Exclude<RuntimeRegistry.Gone, { readonly reason: "unknown" }>

const keyOf = (workspace: Identity.WorkspaceId, daemon: Identity.DaemonId, provider: string) =>
  JSON.stringify([workspace, daemon, provider])

/** The key of a row that a daemon made; rows without a daemon have none. */
const rowKey = ({ daemonId, provider, workspaceId }: Runtime.Runtime) =>
  daemonId === null ? undefined : keyOf(workspaceId, daemonId, provider)

/**
 * The table of runtimes with its tombstones. Layers built on the same state are nodes of one backend. Rows are never
 * changed in place, so a returned row does not change.
 */
export class RegistryState {
  /** In the order of creation. */
  readonly #rows = new Map<Runtime.RuntimeId, Runtime.Runtime>()
  readonly #ids = new Map<string, Runtime.RuntimeId>()
  /** In the order of removal. */
  readonly #tombstones = new Map<Runtime.RuntimeId, Tombstone>()
  /** Rows with a name given by a person: a registration does not change it. */
  readonly #named = new Set<Runtime.RuntimeId>()

  get rows(): Iterable<Runtime.Runtime> {
    return this.#rows.values()
  }

  /** The number of rows and tombstones. */
  get size(): number {
    return this.#rows.size + this.#tombstones.size
  }

  row(id: Runtime.RuntimeId): Runtime.Runtime | undefined {
    return this.#rows.get(id)
  }

  rowOf(workspace: Identity.WorkspaceId, daemon: Identity.DaemonId, provider: string): Runtime.Runtime | undefined {
    const id = this.#ids.get(keyOf(workspace, daemon, provider))
    return id === undefined ? undefined : this.#rows.get(id)
  }

  find(id: Runtime.RuntimeId): RuntimeRegistry.Lookup {
    const runtime = this.#rows.get(id)
    return runtime === undefined ? this.#tombstones.get(id) ?? RuntimeRegistry.gone.unknown : { _tag: "Found", runtime }
  }

  put(runtime: Runtime.Runtime): Runtime.Runtime {
    this.#rows.set(runtime.id, runtime)
    const key = rowKey(runtime)
    if (key !== undefined) this.#ids.set(key, runtime.id)
    return runtime
  }

  isNamed(id: Runtime.RuntimeId): boolean {
    return this.#named.has(id)
  }

  name(id: Runtime.RuntimeId): void {
    this.#named.add(id)
  }

  /** Removes the row; with a tombstone if a reason is given. */
  drop(runtime: Runtime.Runtime, tombstone?: Tombstone): void {
    this.#rows.delete(runtime.id)
    this.#named.delete(runtime.id)
    const key = rowKey(runtime)
    if (key !== undefined) this.#ids.delete(key)
    if (tombstone !== undefined) this.#tombstones.set(runtime.id, tombstone)
  }

  forgetTombstones(now: number): void {
    for (const [id, { at }] of this.#tombstones) {
      if (now - at <= RuntimeRegistry.tombstoneRetention) return
      this.#tombstones.delete(id)
    }
  }
}

import type { DaemonId } from "../access/DaemonId.ts"
import type { UserId } from "../access/Identity.ts"
import type { Machine } from "../machine/Machine.ts"
import { providerName } from "../runtime/ProviderDisplay.ts"
import type { Runtime, RuntimeId } from "../runtime/Runtime.ts"
import { machineOf, versionOf } from "../runtime/RuntimeNames.ts"
import { naturalKey } from "./naturalKey.ts"
import { troubleOf } from "./troubleOf.ts"

/** What the fleet shows about a machine that joined. */
export type FleetMachine = Pick<Machine, "id" | "name" | "labels" | "drain">

/** Returns the key of a machine: a person has one machine per daemon id. */
export const machineKey = (owner: UserId | null, daemon: DaemonId | null): string => `${owner ?? ""} ${daemon ?? ""}`

/** What the server knows about a workspace's runtimes in addition to their rows. */
export interface Facts {
  /** The name of each member, by user id. */
  readonly ownerNames: ReadonlyMap<string, string>
  /** The machines that joined, by `machineKey` of their owner and daemon. */
  readonly machines: ReadonlyMap<string, FleetMachine>
  /** The runtimes that have a running request now. */
  readonly busy: ReadonlySet<RuntimeId>
}

/** One runtime with everything that people filter, search and sort by. */
export interface Entry {
  readonly runtime: Runtime
  /** The key of its machine: the daemon id; empty if it has none. */
  readonly machine: string
  readonly machineName: string
  /** The machine that joined; null: its daemon uses a token of a person. */
  readonly joined: FleetMachine | null
  /** Null: it has no owner, or the owner is not a member. */
  readonly ownerName: string | null
  readonly labels: ReadonlyArray<string>
  /** Why it needs attention although it is online; null: it does not. */
  readonly trouble: string | null
  readonly busy: boolean
  /** The text that a search reads, in lower case: everything that is shown of the runtime. */
  readonly text: string
  /** Its id and the id of its daemon, in lower case. */
  readonly ids: string
  /** Its name in natural order. */
  readonly nameKey: string
  /** Its machine's name in natural order. */
  readonly machineNameKey: string
}

const noLabels: ReadonlyArray<string> = []

const searched = (entry: Omit<Entry, "text" | "ids" | "nameKey" | "machineNameKey">): string => {
  const { joined, labels, machineName, ownerName, runtime } = entry
  const { metadata, name, provider, status, visibility } = runtime
  const daemonVersion = typeof metadata["cli_version"] === "string" ? metadata["cli_version"] : ""
  return [
    name,
    machineName,
    provider,
    providerName(provider),
    versionOf(runtime),
    daemonVersion,
    ownerName ?? "",
    status,
    visibility,
    ...labels,
    joined?.drain == null ? "" : "draining"
  ].join("\n").toLowerCase()
}

/** Returns a runtime as people filter, search and sort it. */
export const entryOf = (runtime: Runtime, facts: Facts): Entry => {
  const machine = runtime.daemonId ?? ""
  const joined = facts.machines.get(machineKey(runtime.ownerId, runtime.daemonId)) ?? null
  const shown = {
    runtime,
    machine,
    machineName: joined?.name || machineOf(runtime),
    joined,
    ownerName: runtime.ownerId === null ? null : facts.ownerNames.get(runtime.ownerId) ?? null,
    labels: joined?.labels ?? noLabels,
    trouble: troubleOf(runtime),
    busy: facts.busy.has(runtime.id)
  }
  return {
    ...shown,
    text: searched(shown),
    ids: `${runtime.id}\n${machine}`.toLowerCase(),
    nameKey: naturalKey(runtime.name),
    machineNameKey: naturalKey(shown.machineName)
  }
}

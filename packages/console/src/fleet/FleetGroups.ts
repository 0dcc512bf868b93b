import type { RuntimeRecord } from "@muster/domain"

/** What a fleet may be ordered by. */
export const orders = ["machine", "provider"] as const
export type Order = (typeof orders)[number]

export interface Group {
  readonly key: string
  readonly name: string
  readonly runtimes: ReadonlyArray<RuntimeRecord>
  readonly online: number
}

/** The machine's name, as its daemon gives it; a version that follows is not part of it. */
export const machineOf = ({ daemonId, deviceInfo }: RuntimeRecord): string =>
  deviceInfo.split(" · ")[0]!.trim() || daemonId || "Unknown machine"

const providerNames: Readonly<Record<string, string>> = {
  claude: "Claude Code",
  codex: "Codex",
  copilot: "Copilot",
  cursor: "Cursor",
  gemini: "Gemini",
  opencode: "OpenCode"
}

/** A provider as people write it. */
export const providerName = (provider: string): string =>
  Object.hasOwn(providerNames, provider)
    ? providerNames[provider]!
    : provider.charAt(0).toUpperCase() + provider.slice(1)

/** The version that a CLI said of itself; empty where it is not known. */
export const versionOf = ({ metadata }: RuntimeRecord): string =>
  typeof metadata["version"] === "string" ? metadata["version"] : ""

const matches = (words: ReadonlyArray<string>) => (runtime: RuntimeRecord): boolean => {
  const text = `${runtime.name} ${runtime.provider} ${machineOf(runtime)} ${versionOf(runtime)} ${runtime.status}`
    .toLowerCase()
  return words.every((word) => text.includes(word))
}

/** As people order names: `cli-2` before `cli-10`. */
const { compare } = new Intl.Collator(undefined, { numeric: true })

const byName = (a: RuntimeRecord, b: RuntimeRecord) =>
  compare(a.provider, b.provider) || compare(a.name, b.name) || compare(a.id, b.id)

/** The runtimes that all words of `filter` are found in, by machine or by provider, in the order of names. */
export const groupsOf = (
  runtimes: ReadonlyArray<RuntimeRecord>,
  order: Order,
  filter: string
): ReadonlyArray<Group> => {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "")
  const found = runtimes.filter(matches(words))
  const groups = new Map<string, Array<RuntimeRecord>>()
  for (const runtime of found) {
    const key = order === "machine" ? runtime.daemonId ?? "" : runtime.provider
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [runtime])
    else group.push(runtime)
  }
  return [...groups].map(([key, runtimes]) => ({
    key,
    name: order === "machine" ? machineOf(runtimes[0]!) : providerName(runtimes[0]!.provider),
    runtimes: runtimes.toSorted(byName),
    online: runtimes.filter(({ status }) => status === "online").length
  })).toSorted((a, b) => compare(a.name, b.name) || compare(a.key, b.key))
}

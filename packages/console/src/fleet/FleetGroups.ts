import type { Api } from "@muster/domain"

/** The orders of the fleet page. */
export const orders = ["machine", "provider"] as const
export type Order = (typeof orders)[number]

export interface Group {
  readonly key: string
  readonly name: string
  readonly runtimes: ReadonlyArray<Api.RuntimeRecord>
  readonly online: number
}

/** Returns the machine's name as its daemon reports it, without the version that follows it. */
export const machineOf = ({ daemonId, deviceInfo }: Api.RuntimeRecord): string =>
  deviceInfo.split(" · ")[0]!.trim() || daemonId || "Unknown machine"

const providerNames: Readonly<Record<string, string>> = {
  claude: "Claude Code",
  codex: "Codex",
  copilot: "Copilot",
  cursor: "Cursor",
  gemini: "Gemini",
  opencode: "OpenCode"
}

/** Returns the display name of a provider. */
export const providerName = (provider: string): string =>
  Object.hasOwn(providerNames, provider)
    ? providerNames[provider]!
    : provider.charAt(0).toUpperCase() + provider.slice(1)

/** Returns the version that a CLI reported; empty if unknown. */
export const versionOf = ({ metadata }: Api.RuntimeRecord): string =>
  typeof metadata["version"] === "string" ? metadata["version"] : ""

const matches = (words: ReadonlyArray<string>) => (runtime: Api.RuntimeRecord): boolean => {
  const text = `${runtime.name} ${runtime.provider} ${machineOf(runtime)} ${versionOf(runtime)} ${runtime.status}`
    .toLowerCase()
  return words.every((word) => text.includes(word))
}

/** Natural order of names: `cli-2` before `cli-10`. */
const { compare } = new Intl.Collator(undefined, { numeric: true })

const byName = (a: Api.RuntimeRecord, b: Api.RuntimeRecord) =>
  compare(a.provider, b.provider) || compare(a.name, b.name) || compare(a.id, b.id)

/** Returns the runtimes that contain all words of `filter`, grouped by machine or provider and sorted by name. */
export const groupsOf = (
  runtimes: ReadonlyArray<Api.RuntimeRecord>,
  order: Order,
  filter: string
): ReadonlyArray<Group> => {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "")
  const found = runtimes.filter(matches(words))
  const groups = new Map<string, Array<Api.RuntimeRecord>>()
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

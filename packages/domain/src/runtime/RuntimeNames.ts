import type { Runtime } from "./Runtime.ts"

/** Returns the machine's name as its daemon reports it, without the version that follows it. */
export const machineOf = ({ daemonId, deviceInfo }: Pick<Runtime, "daemonId" | "deviceInfo">): string =>
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
export const versionOf = ({ metadata }: Pick<Runtime, "metadata">): string =>
  typeof metadata["version"] === "string" ? metadata["version"] : ""

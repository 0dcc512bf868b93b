import type { Runtime } from "./Runtime.ts"

/** Returns the machine's name as its daemon reports it, without the version that follows it. */
export const machineOf = ({ daemonId, deviceInfo }: Pick<Runtime, "daemonId" | "deviceInfo">): string =>
  deviceInfo.split(" · ")[0]!.trim() || daemonId || "Unknown machine"

/** Returns the version that a CLI reported; empty if unknown. */
export const versionOf = ({ metadata }: Pick<Runtime, "metadata">): string =>
  typeof metadata["version"] === "string" ? metadata["version"] : ""

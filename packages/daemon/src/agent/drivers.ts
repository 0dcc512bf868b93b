import type { AgentDriver } from "./AgentDriver.ts"
import { codexAppServer } from "./CodexAppServer.ts"

/** How each kind of CLI is given work, by provider. */
const drivers: Readonly<Record<string, AgentDriver>> = { codex: codexAppServer }

/** The driver of a provider; undefined: this daemon cannot give it work. */
export const driverOf = (provider: string): AgentDriver | undefined =>
  Object.hasOwn(drivers, provider) ? drivers[provider] : undefined

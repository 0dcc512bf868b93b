import { type AcpCommand, acpDriver } from "./AcpDriver.ts"
import type { AgentDriver } from "./AgentDriver.ts"
import { claudeStream } from "./ClaudeStream.ts"
import { codexAppServer } from "./CodexAppServer.ts"

/** OpenCode asks only for what its configuration says. */
const opencodeAsks = JSON.stringify({ edit: "ask", bash: "ask", webfetch: "ask" })

/** How each CLI is started that speaks ACP. Source: the page of each CLI that `provider/` names. */
const acp: Readonly<Record<string, AcpCommand>> = {
  opencode: { args: ["acp"], env: { OPENCODE_PERMISSION: opencodeAsks }, usage: "call" },
  gemini: { args: ["--acp"] },
  qwen: { args: ["--acp"] },
  copilot: { args: ["--acp"], usage: "session" },
  cursor: { args: ["acp"] },
  kimi: { args: ["acp"] },
  kiro: { args: ["acp"] },
  hermes: { args: ["acp"] },
  cline: { args: ["--acp"] },
  auggie: { args: ["--acp"] },
  qoder: { args: ["--acp"] },
  droid: { args: ["exec", "--output-format", "acp"] },
  qoderclicn: { args: ["--acp"] },
  codebuddy: { args: ["--acp"] },
  traecli: { args: ["acp", "serve"] },
  goose: { args: ["acp"] },
  kilo: { args: ["acp"] },
  reasonix: { args: ["acp"] },
  dim: { args: ["acp"] }
}

const drivers: ReadonlyMap<string, AgentDriver> = new Map<string, AgentDriver>([
  ["codex", codexAppServer],
  ["claude", claudeStream],
  ...Object.entries(acp).map(([provider, command]) => [provider, acpDriver(provider, command)] as const)
])

/** The driver of a provider; undefined: this daemon cannot give it work. */
export const driverOf = (provider: string): AgentDriver | undefined => drivers.get(provider)

import { acpAgents, copilot, gemini, hermes, kimi, kiro, qwen } from "./AcpAgents.ts"
import { claude } from "./Claude.ts"
import { codex } from "./Codex.ts"
import { openclaw } from "./OpenClaw.ts"
import { opencode } from "./OpenCode.ts"
import { antigravity, codearts, cursor, deveco, grok, pi } from "./PrintedModels.ts"
import type { Provider } from "./Provider.ts"

/** All kinds of agent CLIs that this daemon knows, in display order. */
export const providers: ReadonlyArray<Provider> = [
  claude,
  codex,
  opencode,
  openclaw,
  hermes,
  gemini,
  qwen,
  pi,
  cursor,
  copilot,
  kimi,
  kiro,
  grok,
  antigravity,
  codearts,
  deveco,
  ...acpAgents
]

/** Returns whether this kind of CLI is supported by documentation only. */
export const isByDocumentation = (key: string): boolean =>
  providers.find((provider) => provider.key === key)?.evidence._tag === "Documented"

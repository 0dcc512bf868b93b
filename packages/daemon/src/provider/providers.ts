import { acpAgents, copilot, gemini, hermes, kimi, kiro, qwen } from "./AcpAgents.ts"
import { claude } from "./Claude.ts"
import { codex } from "./Codex.ts"
import { openclaw } from "./OpenClaw.ts"
import { opencode } from "./OpenCode.ts"
import { antigravity, codearts, cursor, deveco, grok, pi } from "./PrintedModels.ts"
import type { Provider } from "./Provider.ts"

/** Every kind of agent CLI that this daemon knows, in the order in which people see them. */
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

/** Returns whether the entry of this kind of CLI rests on documentation alone: it was not run here. */
export const isByDocumentation = (key: string): boolean =>
  providers.find((provider) => provider.key === key)?.evidence._tag === "Documented"

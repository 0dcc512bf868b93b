import { acpAgents, copilot, hermes, kimi, kiro } from "./AcpAgents.ts"
import { claude } from "./Claude.ts"
import { codex } from "./Codex.ts"
import { cursor } from "./Cursor.ts"
import { gemini } from "./Gemini.ts"
import { grok } from "./Grok.ts"
import { openclaw } from "./OpenClaw.ts"
import { opencode } from "./OpenCode.ts"
import { pi } from "./Pi.ts"
import { antigravity, codearts, deveco } from "./PrintedModels.ts"
import type { Provider } from "./Provider.ts"
import { qwen } from "./Qwen.ts"

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

/** Whether nobody has run this kind of CLI here: its entry rests on documentation alone. */
export const isByDocumentation = (key: string): boolean =>
  providers.find((provider) => provider.key === key)?.evidence._tag === "Documented"

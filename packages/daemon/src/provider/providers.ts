import { claude } from "./Claude.ts"
import { codex } from "./Codex.ts"
import { copilot } from "./Copilot.ts"
import { cursor } from "./Cursor.ts"
import { gemini } from "./Gemini.ts"
import { hermes } from "./Hermes.ts"
import { kimi } from "./Kimi.ts"
import { kiro } from "./Kiro.ts"
import { openclaw } from "./OpenClaw.ts"
import { opencode } from "./OpenCode.ts"
import { pi } from "./Pi.ts"
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
  kiro
]

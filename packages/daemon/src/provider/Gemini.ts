import { acpWithFallback } from "./AcpFallback.ts"
import { fallbackCatalog } from "./ModelCatalog.ts"
import { type Provider, seen } from "./Provider.ts"

/** Source: `docs/protocol.md` 15.3. */
const known = fallbackCatalog("google", [
  ["auto", "Auto"],
  ["auto-gemini-2.5", "Auto (Gemini 2.5)"],
  ["pro", "Pro"],
  ["flash", "Flash"],
  ["flash-lite", "Flash-Lite"],
  ["gemini-3-pro-preview", "Gemini 3 Pro (preview)"],
  ["gemini-3-flash-preview", "Gemini 3 Flash (preview)"],
  ["gemini-2.5-pro", "Gemini 2.5 Pro"],
  ["gemini-2.5-flash", "Gemini 2.5 Flash"],
  ["gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite"]
])

/** Gemini CLI: tells its models over ACP once it is logged in. Releases before 2026 know the older flag alone. */
export const gemini: Provider = {
  key: "gemini",
  command: "gemini",
  evidence: seen("0.61.0", "its models; without a login a refusal"),
  listModels: acpWithFallback({ provider: "gemini", flags: ["--acp", "--experimental-acp"], fallback: known })
}

import { acpWithFallback } from "./AcpFallback.ts"
import { fallbackCatalog } from "./ModelCatalog.ts"
import { type Provider, seen } from "./Provider.ts"

const known = fallbackCatalog("qwen", [
  ["qwen3-coder-plus", "Qwen3 Coder Plus"],
  ["qwen3-coder-flash", "Qwen3 Coder Flash"]
])

/** Qwen Code: tells its models over ACP once it is logged in. Releases before 2026 know the older flag alone. */
export const qwen: Provider = {
  key: "qwen",
  command: "qwen",
  evidence: seen("0.24.4", "its models; without a login a refusal"),
  listModels: acpWithFallback({ provider: "qwen", flags: ["--acp", "--experimental-acp"], fallback: known })
}

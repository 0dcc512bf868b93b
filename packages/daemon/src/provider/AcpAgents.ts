import { join } from "node:path"
import { acpCatalog, acpWithFallback } from "./AcpModels.ts"
import { fallbackCatalog } from "./ModelCatalog.ts"
import { documented, type Provider, seen, skillsBelow } from "./Provider.ts"

/** A provider whose CLI lists its models only over ACP. */
const acpProvider = (
  about: Omit<Provider, "listModels"> & {
    /** The arguments that start the CLI in ACP mode. */
    readonly args: ReadonlyArray<string>
    readonly env?: Readonly<Record<string, string>>
  }
): Provider => {
  const { args, env = {}, ...provider } = about
  return { ...provider, listModels: (cli) => acpCatalog({ provider: provider.key, cli, args, env }) }
}

const refusal = "a refusal without a login"

/** The calls of Multica's own daemon. */
const multica = documented("https://github.com/multica-ai/multica/tree/main/server/pkg/agent")

const registry = (id: string) => documented(`https://github.com/agentclientprotocol/registry/tree/main/${id}`)

/** GitHub Copilot CLI. */
export const copilot = acpProvider({
  key: "copilot",
  command: "copilot",
  minimumVersion: "1.0.0",
  args: ["--acp"],
  evidence: seen("1.0.102", refusal),
  skills: ({ folder }) => [join(folder("COPILOT_HOME", ".copilot"), "skills")]
})

/** Kimi Code CLI. */
export const kimi = acpProvider({
  key: "kimi",
  command: "kimi",
  args: ["acp"],
  evidence: seen("2.1.0", refusal),
  // The first is of Kimi Code CLI, the others of Kimi CLI before it.
  skills: ({ folder, path }) => [
    join(folder("KIMI_CODE_HOME", ".kimi-code"), "skills"),
    join(path, ".kimi", "skills"),
    join(path, ".config", "agents", "skills")
  ]
})

/** Kiro CLI. */
export const kiro = acpProvider({
  key: "kiro",
  command: "kiro-cli",
  args: ["acp"],
  evidence: documented("https://kiro.dev/docs/cli/acp"),
  skills: skillsBelow(".kiro")
})

/** Hermes Agent. The variable disables prompts, since no person answers them (`docs/protocol.md` 15.3). */
export const hermes = acpProvider({
  key: "hermes",
  command: "hermes",
  args: ["acp"],
  env: { HERMES_YOLO_MODE: "1" },
  evidence: multica,
  skills: skillsBelow(".hermes")
})

/** Agents that need only their arguments. */
export const acpAgents: ReadonlyArray<Provider> = [
  acpProvider({ key: "cline", command: "cline", args: ["--acp"], evidence: seen("3.0.65", refusal) }),
  acpProvider({ key: "auggie", command: "auggie", args: ["--acp"], evidence: seen("0.36.0", refusal) }),
  acpProvider({ key: "qoder", command: "qodercli", args: ["--acp"], evidence: seen("1.1.52", refusal) }),
  acpProvider({
    key: "droid",
    command: "droid",
    args: ["exec", "--output-format", "acp"],
    evidence: seen("0.215.0", refusal)
  }),
  acpProvider({ key: "qoderclicn", command: "qoderclicn", args: ["--acp"], evidence: multica }),
  acpProvider({ key: "codebuddy", command: "codebuddy", args: ["--acp"], evidence: registry("codebuddy-code") }),
  acpProvider({ key: "traecli", command: "traecli", args: ["acp", "serve"], evidence: multica }),
  // A tool for databases has the same name and prints "goose version: …".
  acpProvider({ key: "goose", command: "goose", prints: /^v?\d/, args: ["acp"], evidence: registry("goose") }),
  acpProvider({ key: "kilo", command: "kilo", args: ["acp"], evidence: registry("kilo") }),
  acpProvider({ key: "reasonix", command: "reasonix", args: ["acp"], evidence: multica }),
  acpProvider({ key: "dim", command: "dim", args: ["acp"], evidence: multica })
]

/** Source: `docs/protocol.md` 15.3. */
const geminiModels = fallbackCatalog("google", [
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

/** Gemini CLI. It lists its models over ACP when it is logged in. Releases before 2026 support only the older flag. */
export const gemini: Provider = {
  key: "gemini",
  command: "gemini",
  evidence: seen("0.61.0", "its models; without a login a refusal"),
  skills: skillsBelow(".gemini"),
  listModels: acpWithFallback({ provider: "gemini", flags: ["--acp", "--experimental-acp"], fallback: geminiModels })
}

const qwenModels = fallbackCatalog("qwen", [
  ["qwen3-coder-plus", "Qwen3 Coder Plus"],
  ["qwen3-coder-flash", "Qwen3 Coder Flash"]
])

/** Qwen Code. It lists its models over ACP when it is logged in. Releases before 2026 support only the older flag. */
export const qwen: Provider = {
  key: "qwen",
  command: "qwen",
  evidence: seen("0.24.4", "its models; without a login a refusal"),
  skills: skillsBelow(".qwen"),
  listModels: acpWithFallback({ provider: "qwen", flags: ["--acp", "--experimental-acp"], fallback: qwenModels })
}

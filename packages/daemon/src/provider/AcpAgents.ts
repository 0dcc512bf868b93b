import { acpProvider } from "./AcpProvider.ts"
import { documented, type Provider, seen } from "./Provider.ts"

const refusal = "a refusal without a login"

/** Where the calls of Multica's own daemon stand. */
const multica = documented("https://github.com/multica-ai/multica/tree/main/server/pkg/agent")

const registry = (id: string) => documented(`https://github.com/agentclientprotocol/registry/tree/main/${id}`)

/** GitHub Copilot CLI. */
export const copilot = acpProvider({
  key: "copilot",
  command: "copilot",
  minimumVersion: "1.0.0",
  args: ["--acp"],
  evidence: seen("1.0.102", refusal)
})

/** Kimi Code CLI. */
export const kimi = acpProvider({ key: "kimi", command: "kimi", args: ["acp"], evidence: seen("2.1.0", refusal) })

/** Kiro CLI. */
export const kiro = acpProvider({
  key: "kiro",
  command: "kiro-cli",
  args: ["acp"],
  evidence: documented("https://kiro.dev/docs/cli/acp")
})

/** Hermes Agent; its variable says that there is no person to answer prompts (`docs/protocol.md` 15.3). */
export const hermes = acpProvider({
  key: "hermes",
  command: "hermes",
  args: ["acp"],
  env: { HERMES_YOLO_MODE: "1" },
  evidence: multica
})

/** Agents that need nothing but their call. */
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

/** How people see a provider. A provider that is not in the table has its key as its name, and no launch hint. */
interface ProviderDisplay {
  /** Absent: the key, with an upper-case first letter. */
  readonly name?: string
  /** How its CLI is started, for display. */
  readonly launch: string
}

/** One table, since servers show runtimes of every daemon, also of Multica's. Source of the hints: `docs/protocol.md` 8.1. */
const providers: Readonly<Record<string, ProviderDisplay>> = {
  claude: { name: "Claude Code", launch: "claude (stream-json)" },
  codex: { launch: "codex app-server" },
  copilot: { launch: "copilot (json)" },
  cursor: { launch: "cursor-agent (stream-json)" },
  gemini: { launch: "gemini (stream-json)" },
  hermes: { launch: "hermes acp" },
  openclaw: { launch: "openclaw agent (json)" },
  opencode: { name: "OpenCode", launch: "opencode run (json)" },
  pi: { launch: "pi (json mode)" },
  kimi: { launch: "kimi acp" },
  kiro: { launch: "kiro-cli acp" },
  grok: { launch: "grok agent stdio" },
  antigravity: { launch: "agy -p (non-interactive)" },
  codearts: { launch: "codearts run (json)" },
  deveco: { launch: "deveco run (json)" },
  cline: { launch: "cline --acp" },
  auggie: { launch: "auggie --acp" },
  qoder: { launch: "qodercli --acp" },
  droid: { launch: "droid exec (acp)" },
  qoderclicn: { launch: "qoderclicn --acp" },
  codebuddy: { launch: "codebuddy (stream-json)" },
  traecli: { launch: "traecli acp serve" },
  goose: { launch: "goose acp" },
  kilo: { launch: "kilo acp" },
  reasonix: { launch: "reasonix acp" },
  dim: { launch: "dim acp" },
  qwen: { launch: "qwen -p (stream-json)" }
}

/** The keys of the providers in the table. */
export const knownProviders: ReadonlyArray<string> = Object.keys(providers)

const displayOf = (provider: string): ProviderDisplay | undefined =>
  Object.hasOwn(providers, provider) ? providers[provider] : undefined

/** Returns how a runtime of this provider starts its CLI, for display; empty if that is not known. */
export const launchHeader = (provider: string): string => displayOf(provider)?.launch ?? ""

/** Returns the display name of a provider. */
export const providerName = (provider: string): string =>
  displayOf(provider)?.name ?? provider.charAt(0).toUpperCase() + provider.slice(1)

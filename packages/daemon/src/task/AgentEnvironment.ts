import { childEnvironment, type Environment } from "../process/HostEnvironment.ts"

/** Variables that every agent gets, by name. */
const names = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
  // Where CLIs keep their configuration and login.
  "CODEX_HOME",
  "CLAUDE_CONFIG_DIR",
  "COPILOT_HOME",
  "GEMINI_CLI_HOME",
  "OPENCODE_CONFIG",
  "OPENCODE_CONFIG_DIR",
  // Windows.
  "SystemRoot",
  "SystemDrive",
  "windir",
  "ComSpec",
  "PATHEXT",
  "APPDATA",
  "LOCALAPPDATA",
  "USERPROFILE",
  "ProgramFiles"
])

/** Variables that every agent gets, by the start of their name. */
const prefixes = ["LC_", "XDG_"]

/** A variable that the owner of the machine lists for agents: a name, or a start of names with `*` at its end. */
const isListed = (listed: ReadonlyArray<string>, name: string) =>
  listed.some((entry) => entry.endsWith("*") ? name.startsWith(entry.slice(0, -1)) : entry === name)

/** In characters: shorter values would mask ordinary words. */
const leastSecret = 8

/** The variables that Muster adds. */
export interface OwnVariables {
  readonly MUSTER_SERVER_URL: string
  readonly MUSTER_TASK: string
  readonly MUSTER_TASK_OWNER: string
  readonly MUSTER_TASK_SLOT: string
  /** The credential of the task alone; absent at a server that issues none. */
  readonly MUSTER_TASK_TOKEN?: string
}

/**
 * Returns the environment of an agent: the variables above, those that the owner of the machine lists (`listed`, such as
 * `OPENAI_API_KEY` or `ANTHROPIC_*`), and Muster's own. Nothing else of the daemon's environment, and never a `MUSTER_*` of it:
 * it holds the daemon's token. `secrets`: the values that must not appear in the log.
 */
export const agentEnvironment = (input: {
  readonly host: Environment
  /** The executable of the CLI, absolute: its folder is on PATH. */
  readonly path: string
  readonly listed: ReadonlyArray<string>
  readonly own: OwnVariables
}): { readonly env: Readonly<Record<string, string>>; readonly secrets: ReadonlyArray<string> } => {
  const base: Record<string, string> = {}
  const secrets: Array<string> = []
  for (const [name, value] of Object.entries(input.host)) {
    if (value === undefined || name.startsWith("MUSTER_")) continue
    const listed = isListed(input.listed, name)
    if (!listed && !names.has(name) && !prefixes.some((prefix) => name.startsWith(prefix))) continue
    base[name] = value
    if (listed && value.length >= leastSecret) secrets.push(value)
  }
  const token = input.own.MUSTER_TASK_TOKEN
  return {
    env: { ...childEnvironment(base, input.path), TERM: "dumb", ...input.own },
    secrets: token === undefined ? secrets : [...secrets, token]
  }
}

/** A key that is unlike any word: some CLIs mask its value everywhere in their output. */
const key = "scripted-model-key-0123456789abcdef"

/**
 * The `config.toml` of a `CODEX_HOME` in which Codex uses a scripted model and asks no other host. Run it with
 * `codexVariables`.
 */
export const codexConfig = (url: string): string =>
  `model = "scripted"
model_provider = "local"
check_for_update_on_startup = false

[model_providers.local]
name = "scripted"
base_url = "${url}/v1"
wire_api = "responses"
env_key = "SCRIPTED_KEY"
request_max_retries = 0
stream_max_retries = 0

[analytics]
enabled = false

[features]
plugins = false
`

export const codexVariables = (home: string) => ({ CODEX_HOME: home, SCRIPTED_KEY: key })

/** The variables with which OpenCode uses a scripted model, keeps its data below `home` and asks no other host. */
export const opencodeVariables = (url: string, home: string) => ({
  HOME: home,
  XDG_CONFIG_HOME: `${home}/config`,
  XDG_DATA_HOME: `${home}/data`,
  XDG_CACHE_HOME: `${home}/cache`,
  XDG_STATE_HOME: `${home}/state`,
  OPENCODE_DISABLE_MODELS_FETCH: "1",
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
  OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
  OPENCODE_DISABLE_SHARE: "1",
  OPENCODE_CONFIG_CONTENT: JSON.stringify({
    model: "local/scripted",
    small_model: "local/scripted",
    autoupdate: false,
    share: "disabled",
    enabled_providers: ["local"],
    provider: {
      local: {
        npm: "@ai-sdk/openai-compatible",
        options: { baseURL: `${url}/v1`, apiKey: key },
        models: { scripted: { name: "scripted", tool_call: true, limit: { context: 100_000, output: 10_000 } } }
      }
    },
    permission: { edit: "ask", bash: "ask" }
  })
})

/** The variables with which Claude Code uses a scripted model, keeps its data below `home` and asks no other host. */
export const claudeVariables = (url: string, home: string) => ({
  HOME: home,
  CLAUDE_CONFIG_DIR: `${home}/claude`,
  ANTHROPIC_BASE_URL: url,
  ANTHROPIC_API_KEY: key,
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_AUTOUPDATER: "1",
  DISABLE_TELEMETRY: "1",
  DISABLE_ERROR_REPORTING: "1",
  // Without it, it refuses to work as root.
  IS_SANDBOX: "1"
})

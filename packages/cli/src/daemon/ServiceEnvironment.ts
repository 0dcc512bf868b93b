import { HostEnvironment } from "@muster/daemon"
import { Effect } from "effect"

/** The way to the server, where updates come from, and where the CLIs keep their things. */
const carried = new Set([
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "NO_PROXY",
  "https_proxy",
  "http_proxy",
  "no_proxy",
  "MUSTER_PROXY",
  "NODE_EXTRA_CA_CERTS",
  "MUSTER_UPDATE_REGISTRY",
  "MUSTER_RELEASES_URL",
  "CLAUDE_CONFIG_DIR",
  "CODEX_HOME",
  "COPILOT_HOME",
  "XDG_CONFIG_HOME"
])

/** Where a CLI is. */
const pathVariable = /^MUSTER_[A-Z_]+_PATH$/

const isOneLine = (value: string) => /^.+$/.test(value)

/**
 * What a daemon reads of its environment beside PATH, as it is here and now, by name: a supervisor starts it with none of
 * that. A line break is in no value that means anything.
 */
export const serviceEnvironment: Effect.Effect<ReadonlyArray<readonly [name: string, value: string]>> = Effect.map(
  HostEnvironment,
  (environment) =>
    Object.entries(environment)
      .flatMap(([name, value = ""]) =>
        (carried.has(name) || pathVariable.test(name)) && isOneLine(value) ? [[name, value] as const] : []
      )
      .toSorted(([a], [b]) => a < b ? -1 : 1)
)

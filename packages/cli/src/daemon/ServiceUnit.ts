import { HostEnvironment } from "@muster/daemon"
import { Effect } from "effect"

/** The first line of the files that `install` writes: one without it is somebody else's, and left alone. */
export const mark = "Written by `muster daemon install`; a later install replaces it."

export interface UnitInput {
  /** Program and arguments. */
  readonly command: ReadonlyArray<string>
  readonly dataDir: string
  /** Its variables, PATH among them, so that it finds everything as it is found now; without line breaks. */
  readonly environment: ReadonlyArray<readonly [name: string, value: string]>
  /** The user that a unit of the system runs as; a user's own unit has none. */
  readonly user?: string
}

/** systemd reads `%`, `$`, quotes and backslashes; line breaks cannot be written. Source: systemd.service(5), "Command lines". */
const word = (text: string) =>
  `"${text.replaceAll("\\", "\\\\").replaceAll("\"", "\\\"").replaceAll("%", "%%").replaceAll("$", "$$$$")}"`
const value = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\"", "\\\"").replaceAll("%", "%%")

/**
 * The unit of a systemd service: of a user's own, or of the system where it names a user. The watchdog allows for ten minutes without a beat that the server answered: then
 * the daemon is started anew.
 */
export const systemdUnit = ({ command, dataDir, environment, user }: UnitInput): string =>
  `# ${mark}
[Unit]
Description=Muster's daemon (${value(dataDir)})
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all${user === undefined ? "" : `\nUser=${value(user)}`}
ExecStart=${command.map(word).join(" ")}
${environment.map(([name, text]) => `Environment="${name}=${value(text)}"`).join("\n")}
Restart=on-failure
RestartSec=5
WatchdogSec=600
TimeoutStartSec=120
TimeoutStopSec=10

[Install]
WantedBy=${user === undefined ? "default" : "multi-user"}.target
`

const xml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
const string = (text: string) => `<string>${xml(text)}</string>`

/** The property list of a launchd agent. launchd has no watchdog: it starts the daemon anew where it ends in failure. */
export const launchdPlist = (label: string, { command, dataDir, environment }: UnitInput): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${mark} -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>${string(label)}
  <key>ProgramArguments</key>
  <array>
${command.map((one) => `    ${string(one)}`).join("\n")}
  </array>
  <key>WorkingDirectory</key>${string(dataDir)}
  <key>EnvironmentVariables</key>
  <dict>
${environment.map(([name, text]) => `    <key>${xml(name)}</key>${string(text)}`).join("\n")}
  </dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key><false/>
  </dict>
  <key>ThrottleInterval</key><integer>5</integer>
</dict>
</plist>
`

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

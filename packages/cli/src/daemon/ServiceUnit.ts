import { HostEnvironment } from "@muster/daemon"
import { Effect } from "effect"

/** The first line of every file that `install` writes. `install` replaces no file without it. */
export const mark = "Written by `muster daemon install`; a later install replaces it."

export interface UnitInput {
  /** Program and arguments. */
  readonly command: ReadonlyArray<string>
  readonly dataDir: string
  /** Environment variables, including PATH, without line breaks. */
  readonly environment: ReadonlyArray<readonly [name: string, value: string]>
  /** The seconds that the daemon has to stop. */
  readonly stopTimeout: number
  /** The user of a system unit; absent in a user unit. */
  readonly user?: string
}

/** Quotes an argument for systemd, which interprets `%`, `$`, quotes and backslashes. Source: systemd.service(5), "Command lines". */
const quoted = (text: string) =>
  `"${text.replaceAll("\\", "\\\\").replaceAll("\"", "\\\"").replaceAll("%", "%%").replaceAll("$", "$$$$")}"`
const value = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\"", "\\\"").replaceAll("%", "%%")

/**
 * Returns a systemd unit: a user unit, or a system unit if `user` is given. The watchdog restarts the daemon after ten
 * minutes without a heartbeat that the server answered.
 */
export const systemdUnit = ({ command, dataDir, environment, stopTimeout, user }: UnitInput): string =>
  `# ${mark}
[Unit]
Description=Muster's daemon (${value(dataDir)})
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all${user === undefined ? "" : `\nUser=${value(user)}`}
ExecStart=${command.map(quoted).join(" ")}
${environment.map(([name, text]) => `Environment="${name}=${value(text)}"`).join("\n")}
Restart=on-failure
RestartSec=5
WatchdogSec=600
TimeoutStartSec=120
TimeoutStopSec=${stopTimeout}

[Install]
WantedBy=${user === undefined ? "default" : "multi-user"}.target
`

const xml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
const string = (text: string) => `<string>${xml(text)}</string>`

/** Returns the property list of a launchd agent. launchd has no watchdog; it restarts the daemon after a failure. */
export const launchdPlist = (label: string, { command, dataDir, environment, stopTimeout }: UnitInput): string =>
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
  <key>ExitTimeOut</key><integer>${stopTimeout}</integer>
  <key>ThrottleInterval</key><integer>5</integer>
</dict>
</plist>
`

/** The variables of proxies, update sources and the CLIs' own folders. */
const inheritedVariables = new Set([
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

/** The variables that give the path of a CLI. */
const pathVariable = /^MUSTER_[A-Z_]+_PATH$/

const isOneLine = (value: string) => /^.+$/.test(value)

/**
 * Returns the variables besides PATH that a daemon reads, with their current values, sorted by name: a supervisor starts
 * the daemon without them. Values with line breaks are left out.
 */
export const serviceEnvironment: Effect.Effect<ReadonlyArray<readonly [name: string, value: string]>> = Effect.map(
  HostEnvironment,
  (environment) =>
    Object.entries(environment)
      .flatMap(([name, value = ""]) =>
        (inheritedVariables.has(name) || pathVariable.test(name)) && isOneLine(value) ? [[name, value] as const] : []
      )
      .toSorted(([a], [b]) => a < b ? -1 : 1)
)

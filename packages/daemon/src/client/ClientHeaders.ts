import { Api, Capabilities, Instances } from "@muster/domain"
import { Redacted } from "effect"

const systems: Record<string, string> = { darwin: "macos", win32: "windows" }

const capabilities = (tasks: boolean) =>
  [...Capabilities.daemonCapabilities, ...(tasks ? [Api.tasksCapability] : [])].join(",")

/** The headers of every call of the daemon, including the socket's upgrade. Source: `docs/protocol.md` 1.4. */
export const clientHeaders = (options: {
  readonly token: Redacted.Redacted
  readonly clientVersion: string
  readonly instance: string
  /** As Node names it (`process.platform`). */
  readonly platform: string
  readonly fingerprint?: string | undefined
  /** Whether the daemon takes tasks. */
  readonly tasks: boolean
}): Readonly<Record<string, string>> => {
  const token = Redacted.value(options.token)
  return {
    ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
    [Instances.instanceHeader]: options.instance,
    [Capabilities.platformHeader]: "daemon",
    [Capabilities.header]: capabilities(options.tasks),
    ...(options.fingerprint === undefined ? {} : { [Api.fingerprintHeader]: options.fingerprint }),
    "x-client-version": options.clientVersion,
    "x-client-os": systems[options.platform] ?? options.platform
  }
}

import type { Identity } from "@muster/domain"
import type { HttpServerRequest } from "effect/http"

/** How many characters of a header a log line contains. */
const maxLength = 64

/** Returns printable ASCII only, so that no header can forge a log line or hide in one. */
const clean = (text: string | undefined) => (text ?? "").replace(/[^\x20-\x7e]/g, "?").trim().slice(0, maxLength)

/**
 * Returns the client's kind, version and operating system as it sends them (`daemon 0.3.1 linux`), else its user agent;
 * undefined if it sends neither. At most 64 characters of each header. Source: `docs/protocol.md` 1.4.
 */
export const clientOf = ({ headers }: HttpServerRequest.HttpServerRequest): string | undefined => {
  const named = ["x-client-platform", "x-client-version", "x-client-os"].map((name) => clean(headers[name]))
  const text = named.filter((part) => part !== "").join(" ") || clean(headers["user-agent"])
  return text === "" ? undefined : text
}

/** Returns the ids of a credential as annotations of a log line, without a secret. */
export const whoOf = (credential: Identity.Credential | undefined): Readonly<Record<string, string>> => {
  if (credential === undefined) return {}
  switch (credential._tag) {
    case "User":
      return { user_id: credential.userId, token_id: credential.tokenId }
    case "Machine":
      return { machine_id: credential.machineId, daemon_id: credential.daemonId }
    case "Daemon":
      return { daemon_id: credential.daemonId, workspace_id: credential.workspaceId }
  }
}

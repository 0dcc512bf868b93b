import { Data } from "effect"
import { errorSummary } from "../client/ServerError.ts"
import { sanitizeLine } from "../process/sanitizeOutput.ts"

/** The socket could not be opened, or it ended. */
export class SocketEnded extends Data.TaggedError("SocketEnded")<{
  readonly reason: string
  /** The HTTP status of a refused handshake. */
  readonly status: number | null
  /** A proxy does not pass the upgrade on: HTTP works, and reconnecting does not help. */
  readonly noUpgrade?: boolean
}> {
  override get message() {
    return this.reason
  }
}

/** A handshake's answer that is not 101. */
export interface RefusedUpgrade {
  readonly status: number
  /** As Node has them, with lower-case keys. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** The start of the body. */
  readonly body: string
}

/** The headers that name a proxy. */
const telling = ["server", "via"]

/** The maximum length of a quoted header, in characters. */
const maxShown = 100

/** Statuses of a server that received no upgrade request: a proxy removed the header. */
const isAnswerToPlainGet = ({ body, status }: RefusedUpgrade) =>
  status < 400 || status === 405 || status === 426 || status === 501 ||
  (status === 400 && /upgrade|websocket/i.test(body))

/**
 * Returns what a refused handshake means, as one line: its status, its sender (`server`, `via`) and its body. `noUpgrade`: a
 * reverse proxy in front of the server does not pass `Upgrade` on, so reconnecting does not help.
 */
export const readRefusedUpgrade = (
  answer: RefusedUpgrade
): { readonly reason: string; readonly noUpgrade: boolean } => {
  const shown = telling.flatMap((name) => {
    const value = answer.headers[name]
    const text = sanitizeLine(typeof value === "string" ? value : value?.join(", ") ?? "").slice(0, maxShown)
    return text === "" ? [] : [`${name}: ${text}`]
  })
  const who = shown.length === 0 ? "" : ` (${shown.join("; ")})`
  const said = errorSummary(answer.body)
  return {
    reason: `the upgrade was answered with ${answer.status}${who}${said === "" ? "" : `: ${said}`}`,
    noUpgrade: isAnswerToPlainGet(answer)
  }
}

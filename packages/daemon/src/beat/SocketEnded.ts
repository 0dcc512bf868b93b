import { Data } from "effect"
import { errorSummary } from "../client/ServerError.ts"
import { sanitizeLine } from "../process/sanitizeOutput.ts"

/** The socket could not be had, or ended. */
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
  /** Node's, keys in small letters. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** The start of the body. */
  readonly body: string
}

/** The headers in which a proxy names itself. */
const telling = ["server", "via"]

/** The most characters of one header that are quoted. */
const maxShown = 100

/** Statuses of a server that was asked for something else than an upgrade: what stood in between took the header away. */
const isAnswerToPlainGet = ({ body, status }: RefusedUpgrade) =>
  status < 400 || status === 405 || status === 426 || status === 501 ||
  (status === 400 && /upgrade|websocket/i.test(body))

/**
 * What a refused handshake means: its status, who says so (`server`, `via`) and its words, as one line; and whether the reason
 * is that a reverse proxy in front of the server does not pass `Upgrade` on, which no later dial will change.
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

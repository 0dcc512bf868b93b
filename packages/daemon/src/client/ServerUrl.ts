import { Data, Effect } from "effect"

/** The configured address cannot be used. */
export class BadServerUrl extends Data.TaggedError("BadServerUrl")<{
  readonly url: string
  readonly reason: string
  /** Whose address it is, if not the server's. */
  readonly what?: string
}> {
  override get message() {
    return `${this.what ?? "the server's address"} ${JSON.stringify(this.url)} cannot be used: ${this.reason}`
  }
}

/** The server's base addresses for HTTP routes and for the socket, without a trailing slash. */
export interface ServerUrl {
  readonly http: string
  readonly socket: string
}

const schemes: Record<string, { readonly http: string; readonly socket: string }> = {
  "http:": { http: "http:", socket: "ws:" },
  "ws:": { http: "http:", socket: "ws:" },
  "https:": { http: "https:", socket: "wss:" },
  "wss:": { http: "https:", socket: "wss:" }
}

/**
 * Reads the configured address: `ws` stands for `http`, a path of exactly `/ws` is dropped and other paths kept; query,
 * fragment, credentials and a trailing slash are dropped. Source: `docs/protocol.md` 13.1.
 */
export const parseServerUrl = (text: string): Effect.Effect<ServerUrl, BadServerUrl> =>
  Effect.suspend(() => {
    const refuse = (reason: string) => Effect.fail(new BadServerUrl({ url: text, reason }))
    const url = URL.parse(text.trim())
    if (url === null) return refuse("it is not a URL such as http://localhost:8080")
    const scheme = schemes[url.protocol]
    if (scheme === undefined) return refuse("it must begin with http:// or https://")
    const path = url.pathname.replace(/\/+$/, "")
    const rest = `//${url.host}${path === "/ws" ? "" : path}`
    return Effect.succeed({ http: scheme.http + rest, socket: scheme.socket + rest })
  })

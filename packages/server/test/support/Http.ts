import { Effect } from "effect"

/** The response, read completely. */
export interface Answer {
  readonly status: number
  readonly text: string
  /** The body as JSON; undefined: not JSON. */
  readonly json: any
  readonly headers: Headers
}

export interface Call {
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** JSON, or a text that is sent unchanged. */
  readonly body?: unknown
  /** Disconnects after the head: for a body without an end. */
  readonly unread?: boolean
  /** Returns a redirect instead of following it. */
  readonly manual?: boolean
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const bodyOf = ({ body }: Call) => body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body)

/** One HTTP request over a real socket; an interruption disconnects it. */
export const request = (url: string, method: string, path: string, call: Call = {}): Effect.Effect<Answer> =>
  Effect.promise(async (signal) => {
    const response = await fetch(url + path, {
      method,
      body: bodyOf(call),
      headers: {
        ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        ...call.headers
      },
      redirect: call.manual === true ? "manual" : "follow",
      signal
    })
    if (call.unread === true) await response.body?.cancel()
    const text = call.unread === true ? "" : await response.text()
    return { status: response.status, text, json: parse(text), headers: response.headers }
  })

/** The calls of one caller: a token, and the workspace that each of them names. */
export const callerOf = (url: string, token: string | undefined, workspace?: string) => {
  const call = (method: string) => (path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
    request(url, method, path, {
      token,
      body,
      headers: { ...(workspace === undefined ? {} : { "x-workspace-id": workspace }), ...headers }
    })
  return { get: call("GET"), post: call("POST"), put: call("PUT"), patch: call("PATCH"), delete: call("DELETE") }
}

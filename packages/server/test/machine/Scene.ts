import { Effect } from "effect"
import { request } from "../support/Http.ts"
import type { Options } from "../support/Muster.ts"
import { startHome } from "../support/Scene.ts"

const fingerprint = "f".repeat(64)

/** Ana's workspace, and what a machine sends to join it. */
export const startMachines = Effect.fnUntraced(function*(options: Options = {}) {
  const scene = yield* startHome(options)
  const { home, me, muster } = scene
  const join = (token: string, more: object = {}, headers: Readonly<Record<string, string>> = {}) =>
    request(muster.url, "POST", "/api/join", {
      headers: { "x-machine-fingerprint": fingerprint, ...headers },
      body: { token, daemon_id: "box-1", name: "box", device_info: "Linux", ...more }
    })
  /** A machine of Ana's that joined by HTTP, and its calls. */
  const joined = Effect.fnUntraced(function*(more: object = {}) {
    const added = yield* me.post("/api/machines/join-tokens", {})
    const { json } = yield* join(added.json.token, more)
    return { id: json.machine.id as string, credential: json.credential as string, daemon: callsOf(json.credential) }
  })
  const callsOf = (credential: string, mark: string = fingerprint) => {
    const call = (method: string) => (path: string, body?: unknown) =>
      request(muster.url, method, path, { token: credential, headers: { "x-machine-fingerprint": mark }, body })
    return { get: call("GET"), post: call("POST") }
  }
  const registration = (daemon_id: string, more: object = {}) => ({
    workspace_id: home,
    daemon_id,
    device_name: "box",
    runtimes: [{ type: "claude" }],
    ...more
  })
  const audited = (action: string) =>
    Effect.map(
      me.get(`/api/audit?action=${action}`),
      ({ json }) => json.events as ReadonlyArray<{ readonly details: any; readonly actor: any; readonly target: any }>
    )
  return { ...scene, audited, callsOf, join, joined, registration }
})

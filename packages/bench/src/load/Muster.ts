import { Effect, FileSystem, Schema } from "effect"
import { bundle, ownHome, startNode } from "./Bundle.ts"
import { child } from "./Child.ts"

const Started = Schema.Struct({ url: Schema.String, token: Schema.String, workspace: Schema.String })
const Registered = Schema.Struct({ runtimes: Schema.Array(Schema.Struct({ id: Schema.String })) })

/** The calls of the API of a server, with this token and workspace. */
const callsOf = ({ token, url, workspace }: typeof Started.Type) => {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "x-workspace-id": workspace }
  return (method: string, path: string, body?: unknown) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
      return response.json() as Promise<unknown>
    })
}

/** A server that a bench asks. */
export interface Asked {
  readonly url: string
  readonly token: string
  readonly call: ReturnType<typeof callsOf>
}

const Workspaces = Schema.Array(Schema.Struct({ id: Schema.String }))

/** A server of the built command line, as people run it, embedded unless options name stores. It ends with the scope. */
export const startBuiltServer = Effect.fnUntraced(function*(options: ReadonlyArray<string> = []) {
  const fs = yield* FileSystem.FileSystem
  const env = { ...yield* ownHome, MUSTER_LOG_LEVEL: "warn" }
  const args = [bundle, "server", "--port", "0", "--host", "127.0.0.1", ...options]
  const { pid, printed } = yield* startNode(args, env, "server is up")
  const url = /server is up: (\S+)/.exec(printed)![1]!
  const token = (yield* fs.readFileString(`${env.HOME}/.muster/token`)).trim()
  const [first] = yield* callsOf({ url, token, workspace: "" })("GET", "/api/workspaces").pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Workspaces))
  )
  return { pid, url, token, call: callsOf({ url, token, workspace: first!.id }) }
})

/**
 * A server in a process of its own, on a temporary folder, embedded unless URLs of a database and a Redis are given.
 * Both end with the scope.
 */
export const startMusterOn = Effect.fnUntraced(function*(urls: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "muster-bench-" })
  const started = yield* child(new URL("./server.ts", import.meta.url), [folder, ...urls], Started)
  const call = callsOf(started)
  const register = (daemon: string) =>
    call("POST", "/api/daemon/register", {
      workspace_id: started.workspace,
      daemon_id: daemon,
      runtimes: [{ name: "bench", type: "opencode", version: "1.0.0", status: "online" }]
    }).pipe(
      Effect.flatMap(Schema.decodeUnknownEffect(Registered)),
      Effect.map(({ runtimes }) => runtimes[0]!.id)
    )
  return { ...started, folder, port: Number(new URL(started.url).port), call, register }
})

/** A fresh embedded server. */
export const startMuster = startMusterOn([])

export type Muster = Effect.Success<typeof startMuster>

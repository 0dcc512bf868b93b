import { Effect, FileSystem, Schema } from "effect"
import { child } from "./Child.ts"

const Started = Schema.Struct({ url: Schema.String, token: Schema.String, workspace: Schema.String })
const Registered = Schema.Struct({ runtimes: Schema.Array(Schema.Struct({ id: Schema.String })) })

/**
 * A server in a process of its own, on a temporary folder, embedded unless URLs of a database and a Redis are given.
 * Both end with the scope.
 */
export const startMusterOn = Effect.fnUntraced(function*(urls: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "muster-bench-" })
  const started = yield* child(new URL("./server.ts", import.meta.url), [folder, ...urls], Started)
  const headers = {
    authorization: `Bearer ${started.token}`,
    "content-type": "application/json",
    "x-workspace-id": started.workspace
  }
  const call = (method: string, path: string, body?: unknown) =>
    Effect.promise(async () => {
      const response = await fetch(`${started.url}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
      return response.json() as Promise<unknown>
    })
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

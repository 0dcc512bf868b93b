import { Effect, FileSystem, Schema } from "effect"
import { fileURLToPath } from "node:url"
import { BenchFailure } from "../load/BenchFailure.ts"
import { child } from "../load/Child.ts"
import type { Muster } from "../load/Muster.ts"

const agent = fileURLToPath(new URL("./agent.ts", import.meta.url))

const Ready = Schema.Struct({ runtime: Schema.String })
const Created = Schema.Struct({ id: Schema.String })

const Attempt = Schema.Struct({ claimed_at: Schema.String, started_at: Schema.NullOr(Schema.String) })
const Ended = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  text: Schema.NullOr(Schema.String),
  error: Schema.NullOr(Schema.String),
  created_at: Schema.String,
  attempts: Schema.Array(Attempt)
})

/**
 * A machine at this server: a daemon in a process of its own, with its socket open, whose agent is `agent.ts`. It ends with the
 * scope. Returns its `runtime`.
 */
export const startTaskMachine = Effect.fnUntraced(function*(muster: Muster) {
  const fs = yield* FileSystem.FileSystem
  const home = yield* fs.makeTempDirectoryScoped({ prefix: "muster-bench-" })
  const command = `${home}/gemini`
  yield* fs.writeFileString(command, `#!/bin/sh\nexec '${process.execPath}' '${agent}' "$@"\n`, { mode: 0o755 })
  return yield* child(new URL("./daemon.ts", import.meta.url), [muster.url, muster.token, `${home}/data`], Ready, {
    PATH: "/usr/bin:/bin",
    HOME: home,
    SHELL: "",
    MUSTER_GEMINI_PATH: command
  })
})

/** Queues a task of the agent. Returns its id. */
export const createTask = (muster: Muster, runtime: string, prompt: string) =>
  muster.call("POST", "/api/tasks", { runtime_id: runtime, prompt }).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Created)),
    Effect.map(({ id }) => id)
  )

const terminal = new Set(["completed", "failed", "cancelled"])

/** The task once it is completed. */
export const awaitTask = (muster: Muster, id: string) =>
  muster.call("GET", `/api/tasks/${id}?wait=20`).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Ended)),
    Effect.repeat({ until: ({ status }) => terminal.has(status) }),
    Effect.filterOrFail(
      ({ status }) => status === "completed",
      ({ error, status }) => new BenchFailure({ message: `task ${id}: ${status}, ${error}` })
    )
  )

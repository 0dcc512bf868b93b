import { Effect, FileSystem, Schedule, Schema } from "effect"
import { fileURLToPath } from "node:url"
import { BenchFailure } from "../load/BenchFailure.ts"
import { bundle, startNode } from "../load/Bundle.ts"
import { child } from "../load/Child.ts"
import type { Asked } from "../load/Muster.ts"

const agent = fileURLToPath(new URL("./agent.ts", import.meta.url))

const Ready = Schema.Struct({ runtime: Schema.String })
const Runtimes = Schema.Array(Schema.Struct({ id: Schema.String, status: Schema.String }))
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

/** The variables of a daemon whose only agent is `agent.ts`, with a home of its own. */
const agentEnvironment = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const HOME = yield* fs.makeTempDirectoryScoped({ prefix: "muster-bench-" })
  const command = `${HOME}/gemini`
  yield* fs.writeFileString(command, `#!/bin/sh\nexec '${process.execPath}' '${agent}' "$@"\n`, { mode: 0o755 })
  return { PATH: "/usr/bin:/bin", HOME, SHELL: "", MUSTER_GEMINI_PATH: command }
})

/**
 * A machine at this server: a daemon in a process of its own, with its socket open, whose agent is `agent.ts`. It ends with the
 * scope. Returns its `runtime`.
 */
export const startTaskMachine = Effect.fnUntraced(function*(muster: Asked) {
  const env = yield* agentEnvironment
  const args = [muster.url, muster.token, `${env.HOME}/data`]
  return yield* child(new URL("./daemon.ts", import.meta.url), args, Ready, env)
})

/** The same with the daemon of the built command line, as people run it. */
export const startBuiltMachine = Effect.fnUntraced(function*({ call, token, url }: Asked) {
  const env = {
    ...yield* agentEnvironment,
    MUSTER_SERVER_URL: url,
    MUSTER_TOKEN: token,
    MUSTER_LOCAL_PORT: "0",
    MUSTER_LOG_LEVEL: "warn"
  }
  const { pid } = yield* startNode([bundle, "daemon"], env, "daemon is running")
  const [runtime] = yield* call("GET", "/api/runtimes").pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Runtimes)),
    Effect.repeat({ until: (found) => found[0]?.status === "online", schedule: Schedule.spaced("100 millis") })
  )
  return { pid, runtime: runtime!.id }
})

/** Queues a task of the agent. Returns its id. */
export const createTask = (muster: Asked, runtime: string, prompt: string) =>
  muster.call("POST", "/api/tasks", { runtime_id: runtime, prompt }).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Created)),
    Effect.map(({ id }) => id)
  )

const terminal = new Set(["completed", "failed", "cancelled"])

/** The task once it is completed. */
export const awaitTask = (muster: Asked, id: string) =>
  muster.call("GET", `/api/tasks/${id}?wait=20`).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Ended)),
    Effect.repeat({ until: ({ status }) => terminal.has(status) }),
    Effect.filterOrFail(
      ({ status }) => status === "completed",
      ({ error, status }) => new BenchFailure({ message: `task ${id}: ${status}, ${error}` })
    )
  )

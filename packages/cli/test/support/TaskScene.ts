import { Api } from "@muster/domain"
import { codexConfig, codexVariables, scriptedModel } from "@muster/store-suite"
import { Effect, Schedule, Schema } from "effect"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { calls, startReplica } from "./Replica.ts"
import { makeHome } from "./runMuster.ts"
import { spawnMuster } from "./Spawned.ts"

const root = fileURLToPath(new URL("../../../..", import.meta.url))
const codex = join(root, "node_modules", ".bin", "codex")

const Workspaces = Schema.Array(Schema.Struct({ id: Schema.String }))
const Runtimes = Schema.Array(Schema.Struct({ id: Schema.String, provider: Schema.String, status: Schema.String }))
const Events = Schema.Struct({ events: Schema.Array(Schema.Any), first: Schema.Int, last: Schema.Int })

/** A machine with a real Codex over a scripted model, and a folder `work` that is open to tasks. */
export const makeCodexMachine = Effect.gen(function*() {
  const home = yield* makeHome
  const model = yield* scriptedModel()
  const codexHome = join(home, "codex")
  const work = join(home, "work")
  mkdirSync(codexHome)
  mkdirSync(work)
  writeFileSync(join(codexHome, "config.toml"), codexConfig(model.url))
  const env = {
    HOME: home,
    MUSTER_CODEX_PATH: codex,
    MUSTER_AGENT_ENV: "SCRIPTED_KEY",
    MUSTER_TASK_FOLDERS: work,
    MUSTER_LOCAL_PORT: "0",
    ...codexVariables(codexHome)
  }
  return { home, model, work, env }
})

/** The processes of this machine that bear the mark of a task of this daemon, besides those that ended. */
export const markedProcesses = (task: string): ReadonlyArray<number> =>
  readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "latin1")
      const isZombie = /^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${name}/stat`, "latin1"))
      return !isZombie && `\0${environment}`.includes(`\0MUSTER_TASK=${task}:`) ? [Number(name)] : []
    } catch {
      return []
    }
  })

/** What people do with tasks at a server, as its owner. */
export const taskCalls = Effect.fnUntraced(function*({ token, url }: { readonly token: string; readonly url: string }) {
  const [workspace] = yield* calls(token)(Workspaces, "GET", `${url}/api/workspaces`)
  const call = calls(token, workspace!.id)
  const record = Api.TaskRecord as Schema.Codec<Api.TaskRecord, unknown>
  return {
    runtime: call(Runtimes, "GET", `${url}/api/runtimes`).pipe(
      Effect.repeat({
        until: (all) => all.some(({ provider, status }) => provider === "codex" && status === "online"),
        schedule: Schedule.spaced("100 millis")
      }),
      Effect.map((all) => all.find(({ provider }) => provider === "codex")!.id)
    ),
    create: (body: object, key?: string) =>
      call(record, "POST", `${url}/api/tasks`, body, key === undefined ? {} : { "idempotency-key": key }),
    get: (id: string, wait = 0) => call(record, "GET", `${url}/api/tasks/${id}?wait=${wait}`),
    cancel: (id: string) => call(record, "POST", `${url}/api/tasks/${id}/cancel`),
    events: (id: string) =>
      Effect.map(call(Events, "GET", `${url}/api/tasks/${id}/events?limit=1000`), ({ events }) => events)
  }
})

export type TaskCalls = Effect.Success<ReturnType<typeof taskCalls>>

/** The task once it has ended. */
export const ended = (tasks: TaskCalls, id: string) =>
  Effect.repeat(tasks.get(id, 20), {
    until: ({ status }) => ["completed", "failed", "cancelled"].includes(status)
  })

/** A server and a daemon with these flags in processes of their own, and a machine with Codex. */
export const taskSceneWith = Effect.fnUntraced(function*(flags: ReadonlyArray<string>) {
  const machine = yield* makeCodexMachine
  const server = yield* startReplica({ HOME: machine.home }, "server")
  const daemonEnv = { ...machine.env, MUSTER_SERVER_URL: server.url, MUSTER_TOKEN: server.token }
  const data = join(machine.home, "daemon")
  const startDaemon = spawnMuster(["daemon", "--data", data, "--json", ...flags], daemonEnv)
  const daemon = yield* startDaemon
  const tasks = yield* taskCalls(server)
  /** The same server again, after it was killed. */
  const restartServer = spawnMuster(
    ["server", "--port", new URL(server.url).port, "--host", "127.0.0.1", "--data", `${machine.home}/server`, "--json"],
    { HOME: machine.home }
  ).pipe(Effect.tap(({ awaitOut }) => awaitOut(/^\{[\s\S]*\n\}$/m)))
  return {
    ...machine,
    data,
    server,
    restartServer,
    daemon,
    startDaemon,
    daemonEnv,
    tasks,
    runtime: yield* tasks.runtime
  }
})

/** A server and a daemon in processes of their own, and a machine with Codex. */
export const taskScene = taskSceneWith([])

/** Waits until a task's attempt has stored its end on the machine. */
export const storedEnd = (home: string, task: string) =>
  Effect.sync(() => {
    const place = join(home, "daemon", "attempts")
    if (!existsSync(place)) return false
    return readdirSync(place).some((server) =>
      readdirSync(join(place, server)).some((attempt) =>
        attempt.startsWith(task) && existsSync(join(place, server, attempt, "end.json"))
      )
    )
  }).pipe(Effect.repeat({ until: (stored) => stored, schedule: Schedule.spaced("20 millis") }))

export const exists = (...parts: ReadonlyArray<string>) => existsSync(join(...parts))

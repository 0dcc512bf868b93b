import { Effect, Schema } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { makePerson } from "./FakeOpenCode.ts"
import { calls, startReplica } from "./Replica.ts"
import { runMuster } from "./runMuster.ts"
import { spawnMuster } from "./Spawned.ts"

type Server = Effect.Success<ReturnType<typeof startReplica>>

const Any: Schema.Codec<any, unknown> = Schema.Any
const Home = Schema.NonEmptyArray(Schema.Struct({ id: Schema.String }))

/** The id of the owner's workspace. */
export const homeOf = ({ token, url }: Pick<Server, "token" | "url">) =>
  Effect.map(calls(token)(Home, "GET", `${url}/api/workspaces`), ([{ id }]) => id)

/** Starts a server on the embedded database in this data folder. */
export const startOn = (data: string) => {
  const [, home = "", name = ""] = /^(.*)\/([^/]+)$/.exec(data) ?? []
  return startReplica({ HOME: home }, name)
}

/** Fills a new server with what people make through its API. */
export const fillByApi = Effect.fnUntraced(function*({ token, url }: Server) {
  const workspace = yield* homeOf({ token, url })
  const call = calls(token, workspace)
  const post = (path: string, body: object) => call(Any, "POST", `${url}${path}`, body)
  yield* call(Any, "PATCH", `${url}/api/workspaces/${workspace}`, { name: "Acme", description: "The whole company" })
  yield* post("/api/workspaces", { name: "Second", slug: "second" })
  yield* post("/api/tokens", { name: "for the build", scopes: ["read"] })
  yield* post(`/api/workspaces/${workspace}/invitations`, { email: "ada@example.com", role: "admin" })
  yield* post(`/api/workspaces/${workspace}/repositories`, { url: "https://example.com/acme/app.git" })
  yield* post("/api/machines/join-keys", { name: "builders" })
})

/** Fills a server with what a daemon and the command line make. */
const fillByDaemon = Effect.fnUntraced(function*({ token, url }: Server) {
  const workspace = yield* homeOf({ token, url })
  const person = yield* makePerson
  const skill = `${person.HOME}/.config/opencode/skills/notes`
  mkdirSync(skill, { recursive: true })
  writeFileSync(`${skill}/SKILL.md`, "---\nname: notes\ndescription: Write release notes\n---\n\nRead style.md.\n")
  writeFileSync(`${skill}/style.md`, "Be brief: 简短, “short”.\n")
  const env = { ...person, MUSTER_SERVER_URL: url, MUSTER_TOKEN: token, MUSTER_LOCAL_PORT: "0" }
  const here = { home: person.HOME, env }
  const daemon = yield* spawnMuster(["daemon", "--data", `${person.HOME}/daemon`], env)
  yield* daemon.awaitOut(/online +opencode/)
  yield* runMuster(["skills", "import", "opencode", "notes", "--workspace", workspace], here)
  yield* runMuster(["runtimes", "rename", "opencode", "Laptop", "--workspace", workspace], here)
  daemon.process.kill("SIGTERM")
  yield* daemon.outcome
  const call = calls(token, workspace)
  const [runtime] = yield* call(Any, "GET", `${url}/api/runtimes`)
  const task = yield* call(Any, "POST", `${url}/api/tasks`, { runtime_id: runtime.id, prompt: "Fix the tests" })
  yield* call(Any, "POST", `${url}/api/tasks/${task.id}/cancel`)
})

/** What a server keeps, as its API returns it, without what changes by itself. */
export const kept = Effect.fnUntraced(function*({ token, url }: Pick<Server, "token" | "url">) {
  const workspace = yield* homeOf({ token, url })
  const get = (path: string) => calls(token, workspace)(Any, "GET", `${url}${path}`)
  const pick = (fields: ReadonlyArray<string>) => (row: any) =>
    Object.fromEntries(fields.map((field) => [field, row[field] ?? null]))
  const list = (path: string, fields: ReadonlyArray<string>, key?: string) =>
    Effect.map(
      get(path),
      (answer) => ((key === undefined ? answer : answer[key]) as ReadonlyArray<any>).map(pick(fields))
    )
  const skills = yield* list("/api/skills", ["id", "name", "description"])
  const tasks = yield* list("/api/tasks", ["id", "status", "prompt", "created_at"], "tasks")
  return {
    me: pick(["id", "name", "email"])(yield* get("/api/me")),
    workspaces: yield* list("/api/workspaces", ["id", "name", "slug", "description"]),
    members: yield* list(`/api/workspaces/${workspace}/members`, ["id", "user_id", "role", "email"]),
    invitations: yield* list(`/api/workspaces/${workspace}/invitations`, ["id", "email", "role", "status"]),
    repositories: yield* list(`/api/workspaces/${workspace}/repositories`, ["url"], "repositories"),
    // A server on another data folder makes a token of its own for the owner.
    tokens: (yield* list("/api/tokens", ["id", "name", "scopes"])).filter(({ name }) => name === "for the build"),
    keys: yield* list("/api/machines/join-keys", ["id", "name"]),
    runtimes: yield* list("/api/runtimes", ["id", "name", "provider", "version", "daemon_id"]),
    skills,
    files: yield* Effect.forEach(skills, ({ id }) => Effect.map(get(`/api/skills/${id}`), pick(["content", "files"]))),
    tasks,
    events: yield* Effect.forEach(tasks, ({ id }) => get(`/api/tasks/${id}/events?limit=1000`))
  }
})

/** A new server with a bit of everything that it keeps, in the folder `data` of this home. */
export const filledServer = Effect.fnUntraced(function*(home: string) {
  const server = yield* startOn(`${home}/data`)
  yield* fillByApi(server)
  yield* fillByDaemon(server)
  return { server, here: { home, env: { MUSTER_SERVER_URL: server.url, MUSTER_TOKEN: server.token } } }
})

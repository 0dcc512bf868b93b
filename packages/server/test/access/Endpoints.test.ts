import { assert, describe, it } from "@effect/vitest"
import { Api, EndpointScopes, Kinds, type Request, Scope, Skill, Token } from "@muster/domain"
import { Effect } from "effect"
import { hashToken } from "../../src/access/Authenticator.ts"
import { csrfToken } from "../../src/access/Csrf.ts"
import { request } from "../support/Http.ts"
import { startHome } from "../support/Scene.ts"
import { type Credential, credentials } from "./Cells.ts"
import { asked, endpoints, undescribed } from "./EndpointTable.ts"
import { enough, scopes } from "./ScopeTable.ts"

/** A token of Ana with this scope, and what it includes. */
type Only = `only ${Scope.Scope}`

/** One workspace with a runtime and a request, and the authorization header of every sort of caller. */
const startTable = Effect.gen(function*() {
  const { ana, codex, home, muster } = yield* startHome()
  const eve = yield* muster.person("eve")
  const elsewhere = (yield* muster.workspace("elsewhere", eve)).id
  const [bob, carl] = [yield* muster.person("bob"), yield* muster.person("carl")]
  yield* muster.member(bob, home, "member")
  yield* muster.member(carl, home, "admin")
  const revoked = yield* muster.tokenOf(ana.id)
  yield* Effect.orDie(muster.access.revokeToken(ana.id, revoked.id))
  const spare = yield* muster.tokenOf(ana.id)
  const skill = Skill.SkillId.make("00000000-0000-4000-8000-000000000000")
  yield* Effect.orDie(muster.skills.add({
    id: skill,
    workspaceId: home,
    name: "a",
    description: "",
    content: "",
    config: {},
    files: [],
    author: ana.id,
    overwrite: false
  }))
  /** A request of each kind, by its state. */
  const requests = new Map<string, string>()
  for (const kind of Kinds.all) {
    const input = { kind, runtimeId: codex.id, payload: { ...asked[kind.name] } as Request.Json, by: ana.id }
    const { request: { id } } = yield* Effect.orDie(muster.requests.create(input))
    requests.set(kind.path, id)
  }
  const create = muster.as(ana.token, home).post("/api/tasks", { runtime_id: codex.id, prompt: "do it" })
  yield* create
  const token = yield* Token.generateSecret("mtk_")
  yield* Effect.orDie(muster.tasks.claim({
    daemonId: codex.daemonId!,
    fenced: true,
    runtimeIds: [codex.id],
    max: 1,
    slots: 1,
    tokenHashes: [hashToken(token)]
  }))
  const task = yield* create
  const dora = yield* muster.person("dora")
  yield* muster.member(dora, home, "member")
  const invitation = yield* muster.invitation(home, ana)
  const machine = yield* muster.machine(home, ana, "daemon-1")
  const key = yield* muster.joinKey(home, ana)
  const headers: Record<Credential, string | undefined> = {
    none: undefined,
    malformed: `Token ${ana.token}`,
    unknown: `Bearer mul_${"0".repeat(40)}`,
    revoked: `Bearer ${revoked.secret}`,
    expired: `Bearer ${(yield* muster.tokenOf(ana.id, 0)).secret}`,
    stranger: `Bearer ${eve.token}`,
    member: `Bearer ${bob.token}`,
    admin: `Bearer ${carl.token}`,
    anotherDaemon: `Bearer ${yield* muster.daemonToken(home, "daemon-2")}`,
    elsewhere: `Bearer ${yield* muster.daemonToken(elsewhere, "daemon-1")}`,
    daemon: `Bearer ${yield* muster.daemonToken(home, "daemon-1")}`,
    machine: `Bearer ${machine.credential}`,
    anotherMachine: `Bearer ${(yield* muster.machine(home, ana, "daemon-9")).credential}`,
    task: `Bearer ${token}`,
    cookieAlone: undefined,
    cookie: undefined,
    own: `Bearer ${ana.token}`
  }
  const { secret } = yield* muster.tokenOf(ana.id)
  const session = { cookie: `muster_session=${secret}` }
  const cookies: { readonly [C in Credential]?: Readonly<Record<string, string>> } = {
    cookieAlone: session,
    cookie: { ...session, "x-csrf-token": yield* csrfToken(secret) }
  }
  const scoped = yield* Effect.forEach(Scope.all, (scope) =>
    Effect.map(
      muster.tokenOf(ana.id, null, null, Scope.normalize([scope])),
      ({ secret }): [Only, string] => [`only ${scope}`, `Bearer ${secret}`]
    ))
  const shown: Readonly<Record<string, string | undefined>> = { ...headers, ...Object.fromEntries(scoped) }
  const fill = (text: string) =>
    text.replaceAll("{kind}", "models")
      .replace(
        /([^}]+)\/\{requestId\}/,
        (_, path: string) => `${path}/${requests.get(path.slice(1)) ?? "0".repeat(32)}`
      )
      .replaceAll("{runtimeId}", codex.id).replaceAll("{workspaceId}", home)
      .replaceAll("{tokenId}", spare.id).replaceAll("{skillId}", skill)
      .replaceAll("{machineId}", machine.id).replaceAll("{keyId}", key.id)
      .replaceAll("{taskId}", task.json.id)
      .replaceAll("{memberId}", dora.id).replaceAll("{invitationId}", invitation.id)
  const call = (
    name: string,
    credential: Credential | Only,
    body: object | undefined,
    unread = false,
    workspace: string = home
  ) => {
    const [method, path] = name.split(" ") as [string, string]
    const authorization = shown[credential]
    return request(muster.url, method, fill(path), {
      headers: {
        "x-workspace-id": workspace,
        ...cookies[credential as Credential],
        ...(authorization === undefined ? {} : { authorization })
      },
      unread,
      body: body === undefined ? undefined : fill(JSON.stringify(body))
    })
  }
  return { call, codex, elsewhere, muster }
})

describe("X-01 every endpoint and every sort of caller", () => {
  it.effect.each(endpoints)("$name", ({ body, cells, name, query, stream = false }) =>
    Effect.gen(function*() {
      const { call } = yield* startTable
      const answers = yield* Effect.forEach(credentials, (credential) =>
        call(name + (query ?? ""), credential, body, stream && cells[credential][0] === 200))
      const said = answers.map(({ json, status }, i) => [credentials[i], status, json?.error ?? undefined])
      assert.deepStrictEqual(
        said,
        credentials.map((credential) => [credential, cells[credential][0], cells[credential][1]])
      )
    }))

  it.effect.each(endpoints.filter(({ name }) => name.includes(" /api/runtimes/{runtimeId}")))(
    "$name, by a stranger who names their own workspace: 404 `runtime not found`",
    ({ body, name }) =>
      Effect.gen(function*() {
        const { call, elsewhere } = yield* startTable
        const answer = yield* call(name, "stranger", body, false, elsewhere)
        assert.deepStrictEqual([answer.status, answer.json.error], [404, "runtime not found"])
      })
  )

  it.effect.each(endpoints)(
    "A-05 $name needs its scope, and no other one helps",
    ({ body, name, query, stream = false }) =>
      Effect.gen(function*() {
        const { call } = yield* startTable
        const needed = scopes[name]
        assert.isDefined(needed, "a line for this endpoint in ScopeTable.ts")
        // A scope that is enough may change what the next caller finds: what comes first is refused.
        const order = Scope.all.toSorted((a, b) => Number(enough(needed, a)) - Number(enough(needed, b)))
        for (const scope of order) {
          const isEnough = enough(needed, scope)
          const answer = yield* call(name + (query ?? ""), `only ${scope}`, body, stream && isEnough)
          const refused = Scope.refusal(needed as Scope.Scope, Scope.normalize([scope]))
          if (isEnough) assert.notStrictEqual(answer.json?.code, "scope_missing", scope)
          else {assert.deepStrictEqual([scope, answer.status, answer.json], [scope, 403, {
              error: refused,
              code: "scope_missing"
            }])}
        }
      })
  )

  it("A-05 every endpoint of the API has a scope", () => {
    const endpoints = Object.values(Api.DocumentedApi.groups).flatMap((group) =>
      Object.values(group.endpoints).map(({ identifier }) => [group.identifier, identifier] as const)
    )
    assert.isAbove(endpoints.length, 40)
    const without = endpoints.filter(([group, endpoint]) => EndpointScopes.of(group, endpoint) === undefined)
    assert.deepStrictEqual(without, [])
    assert.strictEqual(EndpointScopes.of("access", "toString"), undefined)
  })

  it("T-36 X-01 the token of a task opens its task, and else only what needs no token", () => {
    const opened = endpoints.filter(({ cells }) => cells.task[0] < 400 && cells.none[0] >= 400)
    assert.deepStrictEqual(opened.map(({ name }) => name), ["GET /api/task"])
    const refused = endpoints.filter(({ cells }) => cells.task[0] >= 400 && cells.none[0] < 400)
    assert.deepStrictEqual(refused, [])
  })

  it.effect("a deregistration by a caller without access changes nothing", () =>
    Effect.gen(function*() {
      const { call, codex, muster } = yield* startTable
      for (const credential of ["stranger", "member", "admin", "anotherDaemon", "elsewhere"] as const) {
        yield* call("POST /api/daemon/deregister", credential, { runtime_ids: [codex.id] })
      }
      const found = yield* Effect.orDie(muster.registry.find(codex.id))
      assert.deepStrictEqual(found, { _tag: "Found", runtime: codex })
    }))

  it.effect("the table contains every endpoint that the API's description lists", () =>
    Effect.gen(function*() {
      const { muster } = yield* startHome()
      const { paths } = (yield* muster.nobody.get("/openapi.json")).json as {
        readonly paths: Readonly<Record<string, object>>
      }
      const described = Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
      )
      const tabled = endpoints.map(({ name }) => name).filter((name) => !undescribed.has(name))
      assert.sameMembers(described, tabled)
    }))

  it.effect("the API's description lists every route below /api", () =>
    Effect.gen(function*() {
      const { muster } = yield* startHome()
      const tabled = new Set(endpoints.flatMap(({ name }) =>
        Kinds.all.map(({ path }) => name.replace("{kind}", path).replace(/\{(\w+)\}/g, ":$1"))
      ))
      const routes = muster.routes.filter((route) =>
        route.includes(" /api/")
      )
      assert.isAbove(routes.length, 20)
      assert.deepStrictEqual(routes.filter((route) => !tabled.has(route)), [])
    }))
})

import { assert, describe, it } from "@effect/vitest"
import { DaemonAccess, Identity, Kinds, type Request, type Runtime, Scope, Wake } from "@muster/domain"
import { newTask } from "@muster/store-suite"
import { Effect } from "effect"
import { ackOf, openSocket, refusedSocket } from "../support/DaemonSocket.ts"
import { request } from "../support/Http.ts"
import { startHome } from "../support/Scene.ts"
import { daemonEndpoints, type Target } from "./DaemonCalls.ts"
import { asked } from "./EndpointTable.ts"

/** A caller: a secret, and its credential. */
interface Caller {
  readonly who: string
  readonly secret: string
  readonly credential: Identity.Credential
  readonly isMember: boolean
}

const tokenId = Identity.TokenId.make("00000000-0000-4000-8000-000000000000")

/** Ana's workspace: Bob is a member, Carl an admin, Dora an owner; Eve is not a member. */
const startPeople = Effect.gen(function*() {
  const { ana, codex, home, muster } = yield* startHome()
  const [bob, carl, dora, eve] = yield* Effect.forEach(["bob", "carl", "dora", "eve"], muster.person)
  yield* muster.member(bob!, home, "member")
  yield* muster.member(carl!, home, "admin")
  yield* muster.member(dora!, home, "owner")
  const elsewhere = (yield* muster.workspace("elsewhere", eve!)).id
  const people = Object.entries({ ana, bob: bob!, carl: carl!, dora: dora!, eve: eve! }).map((
    [who, { id, token }]
  ) => ({
    who,
    secret: token,
    credential: {
      _tag: "User",
      userId: id,
      tokenId,
      purpose: "api",
      prefix: "mul_00000000",
      scopes: Scope.all,
      expiresAt: null,
      origin: null
    } as const,
    isMember: who !== "eve"
  }))

  /** Daemon tokens: the right one, and near misses. */
  const daemonsOf = (daemonId: Identity.DaemonId) =>
    Effect.forEach(
      [
        ["its daemon", home, daemonId],
        ["its daemon in upper case", home, daemonId.toUpperCase()],
        ["another daemon", home, `${daemonId}x`],
        ["the daemon of this name elsewhere", elsewhere, daemonId]
      ] as const,
      ([who, workspaceId, daemon]) =>
        Effect.map(muster.daemonToken(workspaceId, daemon), (secret): Caller => ({
          who,
          secret,
          credential: { _tag: "Daemon", workspaceId, daemonId: daemon as Identity.DaemonId },
          isMember: false
        }))
    )

  /** Machines with this daemon's id or a similar one: Ana's own, and those of others. */
  const machinesOf = (daemonId: Identity.DaemonId) =>
    Effect.forEach(
      [
        ["ana's machine", home, ana, daemonId],
        ["another machine of ana", home, ana, `${daemonId}y`],
        ["bob's machine with the same id", home, bob!, daemonId],
        ["the machine of this name elsewhere", elsewhere, eve!, daemonId]
      ] as const,
      ([who, workspaceId, owner, daemon]) =>
        Effect.map(muster.machine(workspaceId, owner, daemon), ({ credential, id }): Caller => ({
          who,
          secret: credential,
          credential: {
            _tag: "Machine",
            machineId: id,
            userId: owner.id,
            daemonId: daemon as Identity.DaemonId,
            workspaces: [workspaceId],
            fingerprint: null,
            ephemeral: false,
            expiresAt: 0
          },
          isMember: workspaceId === home
        }))
    )

  let made = 0
  const spellings = [
    (id: string) => id,
    (id: string) => id.toUpperCase(),
    (id: string) => id.replaceAll("-", "")
  ]
  /** A queued task of a runtime. */
  const enqueue = ({ id: runtimeId }: Runtime.Runtime) =>
    Effect.flatMap(
      newTask({ workspaceId: home, runtimeId }, { by: ana.id }),
      (task) => muster.tasks.enqueue({ task, idempotency: null })
    )

  /** A claimed task and a running one; a third is queued. */
  const tasksOf = (runtime: Runtime.Runtime) =>
    Effect.gen(function*() {
      yield* enqueue(runtime)
      yield* enqueue(runtime)
      const [claimed, other] = yield* muster.tasks.claim({
        daemonId: runtime.daemonId!,
        runtimeIds: [runtime.id],
        // The calls of both protocols are about such a claim.
        fenced: false,
        max: 2,
        slots: 10,
        tokenHashes: []
      })
      yield* muster.tasks.start(other!)
      yield* enqueue(runtime)
      return { claimed: claimed!, running: other! }
    })

  /** A new runtime of a daemon of its own, with a pending request of each kind and with tasks. */
  const target = (owner: Identity.UserId | null) =>
    Effect.gen(function*() {
      const runtime = yield* muster.runtime(home, { daemon: `box-${made++}`, owner })
      const requests = new Map<string, Request.RequestId>()
      for (const kind of Kinds.all) {
        const payload = { ...asked[kind.name] } as Request.Json
        const by = ana.id
        const { request: { id } } = yield* muster.requests.create({ kind, runtimeId: runtime.id, payload, by })
        requests.set(kind.path, id)
      }
      const tasks = yield* tasksOf(runtime)
      return { runtime, requests, tasks, id: spellings[made % spellings.length]!(runtime.id) } satisfies Target
    }).pipe(Effect.orDie)

  /** Everything that a call may have changed of a runtime. */
  const stateOf = ({ requests, runtime, tasks }: Target) =>
    Effect.all({
      rows: Effect.map(
        muster.registry.list(home),
        (rows) => rows.filter(({ daemonId }) => daemonId?.toLowerCase() === runtime.daemonId!.toLowerCase())
      ),
      requests: Effect.forEach(requests.values(), (id) => muster.requests.get(runtime.id, id)),
      tasks: muster.tasks.list(home, { runtimeId: runtime.id }, null, 10),
      log: muster.taskLog.read(tasks.running.id, 0, 10),
      skills: muster.skills.list(home, { after: undefined, max: 10 }),
      models: muster.catalogue.find(runtime.id)
    }).pipe(Effect.orDie)

  return { ana, codex, daemonsOf, elsewhere, machinesOf, home, muster, people, stateOf, target }
})

describe("F-25 a credential acts as a daemon only for its own user's runtimes", () => {
  it.effect.each(daemonEndpoints)(
    "F-25 $name: every caller, with any owner of the runtime",
    ({ calls, name }) =>
      Effect.gen(function*() {
        assert.isDefined(calls, `${name} is declared: add its calls to DaemonCalls.ts`)
        if (typeof calls === "string") return
        const { daemonsOf, machinesOf, muster, people, stateOf, target } = yield* startPeople
        const owners = [people[0]!.credential.userId, people[1]!.credential.userId, null]
        for (const call of calls!) {
          for (const owner of owners) {
            for (let n = 0; n < people.length + 8; n++) {
              const one = yield* target(owner)
              const daemons = yield* daemonsOf(one.runtime.daemonId!)
              const machines = yield* machinesOf(one.runtime.daemonId!)
              const callers: ReadonlyArray<Caller> = [...people, ...daemons, ...machines]
              const { credential, isMember, secret, who } = callers[n]!
              const before = yield* stateOf(one)
              const body = call.body?.(one)
              const { status } = yield* request(muster.url, call.method, call.path(one), { token: secret, body })
              const owned = people.find((person) => person.credential.userId === owner)?.who ?? "nobody"
              const about = `${call.method} ${call.path(one)} by ${who} for a runtime of ${owned}`
              if (DaemonAccess.actsAsDaemon(credential, one.runtime, isMember)) {
                assert.strictEqual(status, call.allowed, about)
                continue
              }
              const { refused } = call
              const expected = typeof refused === "number"
                ? refused
                : isMember
                ? refused.person
                : refused.other
              assert.strictEqual(status, expected, about)
              assert.deepStrictEqual(yield* stateOf(one), before, about)
            }
          }
        }
      })
  )

  it.effect("F-25 legacy ids in any case merge no row of another person, with any registrant", () =>
    Effect.gen(function*() {
      const { home, muster, people, stateOf, target } = yield* startPeople
      for (const owner of [people[0]!.credential.userId, null]) {
        for (const { credential, isMember, secret, who } of people) {
          const one = yield* target(owner)
          const before = yield* stateOf(one)
          const { daemonId } = one.runtime
          yield* muster.as(secret).post("/api/daemon/register", {
            workspace_id: home,
            daemon_id: `new ${daemonId}`,
            legacy_daemon_ids: [daemonId, daemonId!.toUpperCase(), ` ${daemonId} `],
            runtimes: [{ type: one.runtime.provider }]
          })
          const merged = isMember && DaemonAccess.mayMerge(credential.userId, owner)
          if (!merged) assert.deepStrictEqual(yield* stateOf(one), before, who)
          const found = yield* Effect.orDie(muster.registry.find(one.runtime.id))
          assert.strictEqual(found._tag, merged ? "Gone" : "Found", who)
        }
      }
    }))

  it.effect("F-25 one runtime of another person refuses the whole socket, in any position and spelling", () =>
    Effect.gen(function*() {
      const { ana, codex, muster, people, target } = yield* startPeople
      const his = yield* target(people[1]!.credential.userId)
      for (const other of [his.runtime.id, his.runtime.id.toUpperCase(), his.runtime.id.replaceAll("-", "")]) {
        for (
          const query of [`?runtime_ids=${codex.id},${other}`, `?runtime_ids=${codex.id}&runtime_id=${other}`]
        ) {
          assert.deepStrictEqual(yield* refusedSocket(muster.url, query, ana.token), {
            status: 404,
            body: { error: "not found", code: "not_found" }
          })
        }
      }
    }))

  it.effect("F-25 frames for runtimes of other sockets return nothing, and take no work", () =>
    Effect.gen(function*() {
      const { ana, codex, muster, people, stateOf, target } = yield* startPeople
      const his = yield* target(people[1]!.credential.userId)
      const mine = yield* target(ana.id)
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      const before = [yield* stateOf(his), yield* stateOf(mine)]
      for (const { runtime: { id } } of [his, mine]) {
        for (const text of [id, id.toUpperCase(), id.replaceAll("-", "")]) {
          yield* socket.beat(text, { supports_batch_import: true })
        }
        yield* muster.wake.publish(Wake.topic.runtime(id))
      }
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
      assert.deepStrictEqual([yield* stateOf(his), yield* stateOf(mine)], before)
    }))

  it.effect("F-25 a takeover under an open socket ends its beats and wakes for these runtimes, and no others", () =>
    Effect.gen(function*() {
      const { ana, codex, home, muster, people, target } = yield* startPeople
      const taken: Runtime.Runtime = (yield* target(ana.id)).runtime
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id},${taken.id}`, ana.token)
      const carl = muster.as(people[2]!.secret, home)
      assert.strictEqual((yield* carl.post(`/api/runtimes/${taken.id}/take-over`)).status, 200)
      yield* muster.wake.publish(Wake.topic.runtime(taken.id))
      yield* socket.beat(taken.id)
      yield* socket.beat(codex.id)
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id))
      const kinds = Kinds.all.map(({ name }) => name)
      assert.sameMembers([...(yield* Effect.orDie(muster.requests.waiting(taken.id)))], kinds)
    }))
})

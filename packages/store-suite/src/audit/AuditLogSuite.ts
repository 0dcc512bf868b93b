import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { AuditLog, Identity } from "@muster/domain"
import { Effect } from "effect"
import type { NotesBackend } from "../journal/NotesBackend.ts"
import { allUnavailable } from "../runtime/Outage.ts"

const [home, other] = ["1", "2"].map((n) =>
  Identity.WorkspaceId.make(`${n.repeat(8)}-0000-4000-8000-000000000000`)
) as [
  Identity.WorkspaceId,
  Identity.WorkspaceId
]
const ada = "aaaaaaaa-0000-4000-8000-000000000000" as Identity.UserId

/** Event `n` of the home workspace, at `n` ms. */
const eventOf = (n: number, more: Partial<AuditLog.AuditEvent> = {}): AuditLog.AuditEvent => ({
  id: AuditLog.AuditId.make(`00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`),
  at: n,
  workspaceId: home,
  actor: { kind: "person", id: ada, name: "Ada" },
  credential: { kind: "token", id: "t1", prefix: "mul_00112233" },
  action: "token.create",
  target: { kind: "token", id: `id-${n}`, name: "Laptop" },
  address: "192.0.2.1",
  client: "cli 0.3.1 linux",
  details: { scopes: "read", days: 90, old: true, nothing: null },
  ...more
})

const nobody = { kind: "unknown", id: null, name: null } as const

/** What each filter finds among `varied`, by number, newest first. */
const filters: ReadonlyArray<
  readonly [name: string, filter: Omit<AuditLog.AuditFilter, "workspace">, found: Array<number>]
> = [
  ["none", {}, [7, 6, 5, 4, 3, 2, 1]],
  ["an actor's id", { actor: ada }, [6, 5, 2, 1]],
  ["an actor's name in another case", { actor: "aDA" }, [6, 5, 2, 1]],
  ["an action", { action: "runtime.delete" }, [5]],
  ["a subject", { action: "runtime" }, [6, 5, 3]],
  ["the beginning of a subject", { action: "runti" }, []],
  ["a target's id", { target: "id-2" }, [2]],
  ["a target's name", { target: "laptop" }, [6, 5, 3, 2, 1]],
  ["a target's kind", { target: "session" }, [4]],
  ["a span", { from: 2, to: 4 }, [3, 2]],
  ["several", { actor: "ada", action: "runtime", from: 6 }, [6]],
  ["a text that no database compares", { actor: "a\u0000da%" }, []]
]

const varied: ReadonlyArray<AuditLog.AuditEvent> = [
  eventOf(1),
  eventOf(2),
  eventOf(3, { actor: { kind: "machine", id: "box", name: null }, action: "runtime.register", credential: null }),
  eventOf(4, {
    workspaceId: null,
    actor: nobody,
    action: "sign_in.refuse",
    target: { kind: "session", id: null, name: null },
    details: {}
  }),
  eventOf(5, { action: "runtime.delete" }),
  eventOf(6, { action: "runtime.rename" }),
  eventOf(7, { actor: { kind: "server", id: null, name: null }, target: null, address: null, client: null })
]

/** What every AuditLog does, on two nodes of one backend. */
export const auditLogSuite = (backend: NotesBackend): void => {
  describe(`audit log · ${backend.name}`, () => {
    it.effect("A-07 an event reads back as written, once for any number of appends, on each replica", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        yield* a.audit.append(varied)
        yield* b.audit.append(varied.slice(0, 3))
        deepStrictEqual(yield* b.audit.page({ workspace: home }, undefined, 50), varied.toReversed())
        yield* a.audit.append([])
      }))

    it.effect("A-07 an event with the id of another one does not change it", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        yield* a.audit.append([eventOf(1)])
        yield* b.audit.append([eventOf(1, { action: "token.revoke" }), eventOf(2)])
        deepStrictEqual(yield* a.audit.page({ workspace: home }, undefined, 50), [eventOf(2), eventOf(1)])
      }))

    it.effect.each(filters)("A-07 filtered by %s", ([, filter, found]) =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        yield* a.audit.append([...varied, eventOf(8, { workspaceId: other })])
        const events = yield* b.audit.page({ workspace: home, ...filter }, undefined, 50)
        deepStrictEqual(events.map(({ at }) => at), found)
      }))

    it.effect("A-07 a workspace does not see another one's events, or a person's events without a workspace", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        yield* a.audit.append([
          eventOf(1),
          eventOf(2, { workspaceId: other }),
          eventOf(3, { workspaceId: null }),
          eventOf(4, { workspaceId: null, actor: nobody })
        ])
        const seen = (workspace: Identity.WorkspaceId) =>
          Effect.map(b.audit.page({ workspace }, undefined, 50), (events) => events.map(({ at }) => at))
        deepStrictEqual([yield* seen(home), yield* seen(other)], [[4, 1], [4, 2]])
      }))

    it.effect("A-07 pages have neither gaps nor repetitions, also within one moment", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        const events = Array.from(
          { length: 23 },
          (_, n) => eventOf(n, { at: Math.floor(n / 5), ...(n % 3 === 0 ? { workspaceId: null, actor: nobody } : {}) })
        )
        yield* a.audit.append(events)
        const read: Array<AuditLog.AuditEvent> = []
        for (let cursor: AuditLog.AuditEvent | undefined; read.length < 30; cursor = read.at(-1)) {
          const page = yield* b.audit.page({ workspace: home }, cursor, 4)
          if (page.length === 0) break
          read.push(...page)
        }
        deepStrictEqual(read, events.toSorted(AuditLog.newestAuditFirst))
      }))

    it.effect("A-07 pruning removes older events, and nothing else", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        yield* a.audit.append(varied)
        deepStrictEqual([yield* b.audit.prune(4), yield* a.audit.prune(4)], [3, 0])
        const left = yield* a.audit.page({ workspace: home }, undefined, 50)
        deepStrictEqual(left.map(({ at }) => at), [7, 6, 5, 4])
      }))

    it.effect("A-07 append takes a whole batch in one call", () =>
      Effect.gen(function*() {
        const { a, b } = yield* backend.nodes
        yield* a.audit.append(Array.from({ length: AuditLog.maxAuditBatch }, (_, n) => eventOf(n)))
        strictEqual(
          (yield* b.audit.page({ workspace: home }, undefined, AuditLog.maxAuditBatch)).length,
          AuditLog.maxAuditBatch
        )
      }))

    it.effect("A-07 with the backend down every call is unavailable, never empty", () =>
      Effect.gen(function*() {
        const { a, outage } = yield* backend.nodes
        yield* outage
        yield* allUnavailable([
          a.audit.append([eventOf(1)]),
          a.audit.page({ workspace: home }, undefined, 50),
          a.audit.prune(1)
        ])
      }))
  })
}

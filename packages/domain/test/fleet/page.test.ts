import { assert, describe, it } from "@effect/vitest"
import { Fleet, Identity, Runtime } from "@muster/domain"
import { Arbitrary, Option, Schema } from "effect"

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`
const ana = Identity.UserId.make(uuid(900))
const bob = Identity.UserId.make(uuid(901))

interface Made {
  readonly n: number
  readonly name?: string
  readonly machine?: string
  readonly provider?: string
  readonly owner?: Identity.UserId
  readonly offline?: boolean
  readonly seen?: number
  readonly doubled?: boolean
}

const runtimeOf = (
  {
    doubled = false,
    machine = "box",
    n,
    name = `cli-${n}`,
    offline = false,
    owner = ana,
    provider = "codex",
    seen = n
  }: Made
): Runtime.Runtime => ({
  id: Runtime.RuntimeId.make(uuid(n)),
  workspaceId: Identity.WorkspaceId.make(uuid(999)),
  daemonId: Identity.DaemonId.make(`daemon-${machine}`),
  name,
  runtimeMode: "local",
  provider,
  status: offline ? "offline" : "online",
  deviceInfo: `${machine} · 1.2.3`,
  metadata: { version: "2.7.1", cli_version: "0.1.0" },
  ownerId: owner,
  visibility: "private",
  timezone: "UTC",
  lastSeenAt: seen,
  createdAt: 0,
  updatedAt: 0,
  instances: doubled ? { holder: "a", rival: "b", since: 1, returned: 1, proven: true } : null
})

const facts = {
  ownerNames: new Map([[ana, "Ana"], [bob, "Bob"]]),
  machines: new Map([[
    Fleet.machineKey(ana, Identity.DaemonId.make("daemon-box")),
    {
      id: Identity.MachineId.make(uuid(800)),
      name: "",
      labels: ["gpu", "berlin"] as unknown as Fleet.FleetMachine["labels"],
      drain: null
    }
  ]]),
  busy: new Set([Runtime.RuntimeId.make(uuid(1))])
}

const entries = (made: ReadonlyArray<Made>) => made.map((one) => Fleet.entryOf(runtimeOf(one), facts))

const filters = (some: Partial<Fleet.Filters> = {}): Fleet.Filters => ({
  status: new Set(),
  provider: new Set(),
  owner: new Set(),
  label: new Set(),
  machine: new Set(),
  words: [],
  ...some
})

const query = (some: Partial<Fleet.Query> = {}): Fleet.Query => ({
  filters: filters(),
  sort: "trouble",
  grouping: "none",
  after: undefined,
  offset: 0,
  limit: 100,
  ...some
})

const names = (page: ReturnType<typeof Fleet.page>) => page.items.map(({ runtime }) => runtime.name)

/** Follows the cursors to the end. */
const walk = (all: ReturnType<typeof entries>, wanted: Fleet.Query): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (let after = wanted.after;;) {
    const page = Fleet.page(all, { ...wanted, after })
    found.push(...names(page))
    if (page.next === null) return found
    after = Option.getOrThrow(Fleet.keyOfCursor(page.next))
  }
}

describe("a page of the fleet", () => {
  it("A-12 trouble comes first, then what is offline, then the rest by name in natural order", () => {
    const all = entries([
      { n: 1, name: "cli-10" },
      { n: 2, name: "CLI-9" },
      { n: 3, name: "zed", doubled: true },
      { n: 4, name: "box", offline: true }
    ])
    assert.deepStrictEqual(names(Fleet.page(all, query())), ["zed", "box", "CLI-9", "cli-10"])
    assert.deepStrictEqual(names(Fleet.page(all, query({ sort: "name" }))), ["box", "CLI-9", "cli-10", "zed"])
    assert.deepStrictEqual(names(Fleet.page(all, query({ sort: "seen" }))), ["box", "zed", "CLI-9", "cli-10"])
    assert.isBelow(Fleet.naturalKey("a9b2").localeCompare(Fleet.naturalKey("a9b10")), 0)
  })

  it("A-12 runtimes of one machine follow each other, and the machine with trouble comes first", () => {
    const all = entries([
      { n: 1, name: "a", machine: "alpha" },
      { n: 2, name: "b", machine: "beta" },
      { n: 3, name: "c", machine: "alpha" },
      { n: 4, name: "d", machine: "beta", doubled: true }
    ])
    const page = Fleet.page(all, query({ grouping: "machine", limit: 1 }))
    assert.deepStrictEqual(walk(all, query({ grouping: "machine", limit: 1 })), ["d", "b", "a", "c"])
    assert.deepStrictEqual(page.groups, [
      { key: "daemon-beta", name: "beta", total: 2, online: 2, trouble: 1 },
      { key: "daemon-alpha", name: "alpha", total: 2, online: 2, trouble: 0 }
    ])
  })

  it("A-12 each word of a search occurs in what is shown: name, machine, provider, owner, version, label, id", () => {
    const all = entries([{ n: 1, name: "First", provider: "claude" }, {
      n: 2,
      name: "Second",
      machine: "attic",
      owner: bob
    }])
    const found = (text: string) => names(Fleet.page(all, query({ filters: filters({ words: Fleet.wordsOf(text) }) })))
    for (const text of ["first", "FIRST ana", "Claude Code", "box", "gpu berlin", uuid(1)]) {
      assert.deepStrictEqual(found(text), ["First"], text)
    }
    for (const text of ["attic", "bob second", "daemon-attic"]) assert.deepStrictEqual(found(text), ["Second"], text)
    assert.deepStrictEqual(found("2.7.1 online"), ["First", "Second"])
    assert.deepStrictEqual(found("first attic"), [])
    // Such a short word is in many ids by chance.
    assert.deepStrictEqual(found("00000"), [])
  })

  it("A-12 values of one filter are alternatives, different filters are conditions", () => {
    const all = entries([
      { n: 1, provider: "codex" },
      { n: 2, provider: "claude", offline: true },
      { n: 3, provider: "gemini", machine: "attic", owner: bob, doubled: true }
    ])
    const found = (some: Partial<Fleet.Filters>) =>
      names(Fleet.page(all, query({ sort: "name", filters: filters(some) })))
    assert.deepStrictEqual(found({ provider: new Set(["codex", "claude"]) }), ["cli-1", "cli-2"])
    assert.deepStrictEqual(found({ provider: new Set(["codex", "claude"]), status: new Set(["offline"]) }), ["cli-2"])
    assert.deepStrictEqual(found({ status: new Set(["trouble", "busy"]) }), ["cli-1", "cli-3"])
    assert.deepStrictEqual(found({ owner: new Set([bob]) }), ["cli-3"])
    assert.deepStrictEqual(found({ label: new Set(["gpu"]) }), ["cli-1", "cli-2"])
    assert.deepStrictEqual(found({ machine: new Set(["attic"]) }), ["cli-3"])
    assert.deepStrictEqual(found({ machine: new Set(["daemon-box"]) }), ["cli-1", "cli-2"])
  })

  it("A-12 a chip counts the runtimes that pass every filter but its own", () => {
    const all = entries([
      { n: 1, provider: "codex" },
      { n: 2, provider: "claude", offline: true },
      { n: 3, provider: "claude", machine: "attic", owner: bob }
    ])
    const { counts, total } = Fleet.page(
      all,
      query({ filters: filters({ status: new Set(["online"]), provider: new Set(["claude"]) }) })
    )
    assert.strictEqual(total, 1)
    assert.deepStrictEqual(counts, {
      all: 2,
      online: 1,
      offline: 1,
      trouble: 0,
      busy: 0,
      providers: [{ value: "claude", name: "Claude Code", count: 1 }, { value: "codex", name: "Codex", count: 1 }],
      owners: [{ value: bob, name: "Bob", count: 1 }],
      labels: []
    })
  })

  const made = Arbitrary.array(
    Arbitrary.schema(Schema.Struct({
      name: Schema.Literals(["a", "b", "B", "cli-2", "cli-10"]),
      machine: Schema.Literals(["x", "y", "z"]),
      offline: Schema.Boolean,
      doubled: Schema.Boolean
    })),
    { maxLength: 40 }
  )

  it.prop("A-12 following the cursors shows each runtime once, in the order of one page, for any page size", {
    made,
    limit: Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 7 }))),
    sort: Arbitrary.schema(Schema.Literals(["trouble", "name", "seen"])),
    grouping: Arbitrary.schema(Schema.Literals(["none", "machine", "provider"]))
  }, ({ grouping, limit, made, sort }) => {
    const all = entries(made.map((one, n) => ({ ...one, n })))
    const wanted = query({ sort, grouping })
    assert.deepStrictEqual(walk(all, { ...wanted, limit }), names(Fleet.page(all, { ...wanted, limit: 500 })))
  })

  it.prop("A-12 a runtime that is removed between two pages does not move others", { made }, ({ made }) => {
    const all = entries(made.map((one, n) => ({ ...one, n })))
    const first = Fleet.page(all, query({ limit: 5 }))
    if (first.next === null) return
    const left = all.filter((entry) => entry !== first.items.at(-1))
    const rest = walk(left, query({ limit: 5, after: Option.getOrThrow(Fleet.keyOfCursor(first.next)) }))
    assert.deepStrictEqual([...names(first), ...rest], names(Fleet.page(all, query({ limit: 500 }))))
  })

  it("A-12 other text is refused as a cursor", () => {
    for (const text of ["", "x", "!!!", "e30", "bnVsbA"]) assert.isTrue(Option.isNone(Fleet.keyOfCursor(text)), text)
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Kinds } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startHome } from "../support/Scene.ts"
import { bundle, completed, startImport } from "./ImportScene.ts"

describe("importing a local skill", () => {
  it.effect("7.4 8.8 the record has the payload, and the daemon gets only the key", () =>
    Effect.gen(function*() {
      const { asked, id, work } = yield* startImport({ skill_key: " a/./b ", name: " N ", description: "", extra: 1 })
      assert.deepStrictEqual(asked, {
        id,
        runtime_id: asked.runtime_id,
        skill_key: "a/b",
        name: "N",
        status: "pending",
        created_at: asked.created_at,
        updated_at: asked.created_at
      })
      assert.deepStrictEqual(work, { id, skill_key: "a/b" })
    }))

  it.effect("S-04 8.8 an invalid body, or a key that is blank, absolute or climbs: 400, and no request is made", () =>
    Effect.gen(function*() {
      const { codex, me, muster } = yield* startHome()
      const bodies = [
        [{}, "skill_key is required"],
        [{ skill_key: "  " }, "skill_key is required"],
        [{ skill_key: 1 }, "invalid request body"],
        ["{", "invalid request body"],
        [{ skill_key: "/etc/passwd" }, "invalid skill key"],
        [{ skill_key: "../a" }, "invalid skill key"],
        [{ skill_key: "a/../../b" }, "invalid skill key"],
        [{ skill_key: "a", name: "x".repeat(257) }, "name is at most 256 characters, description at most 8192"]
      ] as const
      for (const [body, error] of bodies) {
        const answer = yield* me.post(`/api/runtimes/${codex.id}/local-skills/import`, body)
        assert.deepStrictEqual([answer.status, answer.json.error], [400, error])
      }
      assert.deepStrictEqual(yield* muster.requests.waiting(codex.id), [])
    }))

  it.effect("8.8 permission and online status are checked before the body is read", () =>
    Effect.gen(function*() {
      const { home, me, muster } = yield* startHome()
      const theirs = yield* muster.runtime(home, { daemon: "daemon-2", provider: "claude" })
      const refused = yield* me.post(`/api/runtimes/${theirs.id}/local-skills/import`, "{")
      assert.deepStrictEqual([refused.status, refused.json.error], [
        403,
        "insufficient permissions: this runtime is private, only its owner can import skills from it; " +
        "make it public first"
      ])
      const person = yield* muster.person("bob")
      yield* muster.member(person, home, "member")
      const off = yield* muster.runtime(home, {
        daemon: "daemon-3",
        provider: "pi",
        owner: person.id,
        status: "offline"
      })
      const offline = yield* muster.as(person.token, home).post(`/api/runtimes/${off.id}/local-skills/import`, "{")
      assert.deepStrictEqual([offline.status, offline.json.error], [503, "runtime is offline"])
    }))

  it.effect("S-04 the skill is in the workspace, complete, with its origin, and the requester is its author", () =>
    Effect.gen(function*() {
      const { ana, codex, home, library, me, record, report } = yield* startImport()
      assert.deepStrictEqual((yield* report(completed())).json, { status: "ok" })
      const { skill, status, ...rest } = yield* record
      const { content, description, files, name, provider, source_path } = bundle
      assert.strictEqual(status, "completed")
      assert.notProperty(rest, "conflict")
      assert.deepStrictEqual(skill, {
        id: skill.id,
        workspace_id: home,
        name,
        description,
        content,
        config: {
          origin: { type: "runtime_local", runtime_id: codex.id, provider, source_path, skill_key: "review" }
        },
        created_by: ana.id,
        created_at: "1970-01-01T00:00:00Z",
        updated_at: "1970-01-01T00:00:00Z"
      })
      assert.deepStrictEqual((yield* me.get(`/api/skills/${skill.id}`)).json, { ...skill, files })
      const { content: _, ...summary } = skill
      assert.deepStrictEqual(yield* library, [{ ...summary, file_count: 2 }])
    }))

  it.effect("A-07 the audit log has the import by the requester, not by the daemon, and the deletion", () =>
    Effect.gen(function*() {
      const { codex, library, me, report } = yield* startImport()
      yield* report(completed())
      const [skill] = yield* library
      yield* me.delete(`/api/skills/${skill!["id"]}`)
      const { events } = (yield* me.get("/api/audit?action=skill")).json
      assert.deepStrictEqual(
        events.map(({ action, actor, address, details, target }: Record<string, any>) => [
          action,
          actor["name"],
          address,
          target["name"],
          details
        ]),
        [
          ["skill.delete", "ana", "127.0.0.1", "review", {}],
          ["skill.import", "ana", null, "review", { runtime_id: codex.id, overwrite: false }]
        ]
      )
    }))

  it.effect("S-04 the requester is its author with any reporting daemon, and is not in the request's record", () =>
    Effect.gen(function*() {
      const { ana, at, codex, home, id, muster } = yield* startImport()
      const daemon = muster.as(yield* muster.daemonToken(home, "daemon-1"))
      // The runtime is another person's when the skill arrives.
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "member")
      yield* Effect.orDie(muster.registry.takeOver(codex.id, bob.id))
      yield* TestClock.adjust(25_000)
      yield* daemon.post(`/api/daemon/runtimes/${codex.id}/local-skills/import/${id}/result`, completed())
      const record = Effect.map(muster.as(bob.token, home).get(`${at}/${id}`), ({ json }) => json)
      const { skill, ...rest } = yield* record
      assert.strictEqual(skill.created_by, ana.id)
      assert.notInclude(JSON.stringify(rest), ana.id)
    }))

  it.effect("7.8 the caller's name and description count", () =>
    Effect.gen(function*() {
      const { record, report } = yield* startImport({ name: "mine", description: "d" })
      yield* report(completed())
      const { skill } = yield* record
      assert.deepStrictEqual([skill.name, skill.description], ["mine", "d"])
    }))

  it.effect("S-04 files with empty, absolute and climbing paths and second SKILL.mds are dropped, and NUL is removed", () =>
    Effect.gen(function*() {
      const { me, record, report } = yield* startImport()
      const paths = [
        "",
        ".",
        "/etc/x",
        "../x",
        "a/../../x",
        "C:\\x",
        "..\\x",
        "skill.md",
        "./SKILL.md",
        "x/../Skill.MD"
      ]
      const kept = [
        { path: "a/./b//c.md", content: "c\0" },
        { path: "a/b/c.md", content: "again" },
        { path: "a/b/c.md/d.md", content: "below a file" },
        { path: "a/SKILL.md", content: "\ud800" }
      ]
      const files = [...paths.map((path) => ({ path, content: "x" })), ...kept]
      yield* report(completed({ ...bundle, name: " re\0view ", content: "# \0", files }))
      const { skill } = yield* record
      assert.deepStrictEqual([skill.name, skill.content], ["review", "# "])
      assert.deepStrictEqual((yield* me.get(`/api/skills/${skill.id}`)).json.files, [
        { path: "a/SKILL.md", content: "\ufffd" },
        { path: "a/b/c.md", content: "c" }
      ])
    }))

  it.effect("S-02 S-04 7.8 a report that failed, is empty or over a limit: failed with the reason, nothing is written", () =>
    Effect.gen(function*() {
      const { importOne, library } = yield* startImport()
      const reports = [
        ["failed", { status: "failed", error: "local skill not found" }, "local skill not found"],
        ["without a skill", { status: "completed" }, "daemon returned an empty skill bundle"],
        ["with a null skill", { status: "completed", skill: null }, "daemon returned an empty skill bundle"],
        ["without a name", completed({ ...bundle, name: "" }), "the skill has no name"],
        ["a long name", completed({ ...bundle, name: "x".repeat(257) }), "the skill's name exceeds 256 characters"],
        ["a large SKILL.md", completed({ ...bundle, content: "ü".repeat(524_289) }), "SKILL.md exceeds 1048576 bytes"],
        [
          "many files",
          completed({ ...bundle, files: Array.from({ length: 257 }, (_, i) => ({ path: `${i}`, content: "" })) }),
          "local skill exceeds 256 files"
        ],
        [
          "a large total",
          completed({
            ...bundle,
            files: Array.from({ length: 9 }, (_, i) => ({ path: `${i}`, content: "x".repeat(1_000_000) }))
          }),
          "local skill exceeds 8388608 bytes in total"
        ]
      ] as const
      for (const [what, body, error] of reports) {
        const { record, report } = yield* importOne()
        assert.strictEqual((yield* report(body)).status, 200, what)
        const { error: said, status } = yield* record
        assert.deepStrictEqual([status, said], ["failed", error], what)
      }
      assert.deepStrictEqual(yield* library, [])
    }))

  it.effect("X-03 a report of more than 52 MiB: 413; of another kind the bound is 1 MiB", () =>
    Effect.gen(function*() {
      const { codex, daemon, report, waitingRequest } = yield* startImport()
      const large = yield* report(
        completed({ ...bundle, content: "x".repeat(Kinds.LocalSkillImport.reportBound.bytes) })
      )
      assert.deepStrictEqual([large.status, large.json.error], [413, "request body is larger than 52 MiB"])
      const { id } = yield* waitingRequest(codex.id)
      const models = yield* daemon.post(
        `/api/daemon/runtimes/${codex.id}/models/${id}/result`,
        { status: "failed", error: "x".repeat(1024 * 1024) }
      )
      assert.deepStrictEqual([models.status, models.json.error], [413, "request body is larger than 1 MiB"])
    }))

  it.effect("X-03 a large report of brackets is refused before it is parsed; one of text may have the maximum size", () =>
    Effect.gen(function*() {
      const { importOne, report: reportFirst } = yield* startImport()
      const nested = yield* reportFirst(
        `{"status":"completed","skill":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`
      )
      assert.deepStrictEqual([nested.status, nested.json.error], [400, "invalid request body"])
      const files = Array.from({ length: 8 }, (_, i) => ({ path: `${i}`, content: "\n\"".repeat(500_000) }))
      const { record, report } = yield* importOne()
      yield* report(completed({ ...bundle, files }))
      assert.strictEqual((yield* record).status, "completed")
    }))

  it.effect("S-04 an existing name: failed with that text, nothing written", () =>
    Effect.gen(function*() {
      const { importOne, library, report } = yield* startImport()
      yield* report(completed())
      const before = yield* library
      for (const asked of [{}, { overwrite: false }]) {
        const again = yield* importOne(asked)
        assert.strictEqual((yield* again.report(completed({ ...bundle, content: "other" }))).status, 200)
        const { error, status } = yield* again.record
        assert.deepStrictEqual([status, error], ["failed", "a skill with this name already exists"])
      }
      assert.deepStrictEqual(yield* library, before)
    }))

  it.effect("a conflict is returned to callers that support it, and its author may overwrite", () =>
    Effect.gen(function*() {
      const { ana, importOne, library, me, record, report } = yield* startImport()
      yield* report(completed())
      const { skill } = yield* record
      const asked = yield* importOne({ supports_conflict: true })
      yield* asked.report(completed())
      const { conflict, status } = yield* asked.record
      assert.strictEqual(status, "completed")
      assert.deepStrictEqual(conflict, {
        skill_id: skill.id,
        name: "review",
        created_by: ana.id,
        can_overwrite: true
      })
      yield* TestClock.adjust(60_000)
      const again = yield* importOne({ overwrite: true })
      yield* again.report(completed({ ...bundle, content: "new", files: [] }))
      const replaced = { ...skill, content: "new", updated_at: "1970-01-01T00:01:00Z" }
      assert.deepStrictEqual((yield* again.record).skill, replaced)
      assert.deepStrictEqual((yield* me.get(`/api/skills/${skill.id}`)).json, { ...replaced, files: [] })
      assert.strictEqual((yield* library).length, 1)
    }))

  it.effect("another person's skill is not overwritten", () =>
    Effect.gen(function*() {
      const { codex, home, importOne, muster, record, report } = yield* startImport()
      yield* report(completed())
      const { skill } = yield* record
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "member")
      const claude = yield* muster.runtime(home, { daemon: "daemon-2", provider: "claude", owner: bob.id })
      const theirs = muster.as(bob.token, home)
      const at = `/api/runtimes/${claude.id}/local-skills/import`
      const { id } = (yield* theirs.post(at, { skill_key: "a", overwrite: true, supports_conflict: true })).json
      yield* theirs.post(`/api/daemon/runtimes/${claude.id}/local-skills/import/${id}/result`, completed())
      const { conflict } = (yield* theirs.get(`${at}/${id}`)).json
      assert.deepStrictEqual([conflict.skill_id, conflict.can_overwrite], [skill.id, false])
      assert.strictEqual((yield* importOne()).asked.runtime_id, codex.id)
    }))

  it.effect("many concurrent imports: one outcome for each, at most 100; ten per beat for a daemon that reads batches", () =>
    Effect.gen(function*() {
      const { codex, daemon, me } = yield* startHome()
      const at = `/api/runtimes/${codex.id}/local-skills/imports`
      const keys = Array.from({ length: 12 }, (_, i) => ({ skill_key: `s${i}` }))
      const { json } = yield* me.post(at, { requests: [...keys, { skill_key: "../x" }, 1] })
      const said = json.requests.map((one: Record<string, unknown>) => one["error"] ?? one["skill_key"])
      assert.deepStrictEqual(said, [
        ...keys.map(({ skill_key }) => skill_key),
        "invalid skill key",
        "invalid request body"
      ])
      const beat = (more: object) =>
        Effect.map(daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id, ...more }), ({ json }) => json)
      const single = yield* beat({})
      assert.deepStrictEqual(single.pending_local_skill_import.skill_key, "s0")
      assert.notProperty(single, "pending_local_skill_imports")
      const batch = yield* beat({ supports_batch_import: true })
      assert.deepStrictEqual(
        batch.pending_local_skill_imports.map((one: Record<string, unknown>) => one["skill_key"]),
        keys.slice(1, 11).map(({ skill_key }) => skill_key)
      )
      for (
        const [body, error] of [
          [{ requests: Array.from({ length: 101 }, () => ({ skill_key: "a" })) }, "at most 100 requests at once"],
          [{ requests: [] }, "requests is required"],
          [{}, "requests is required"],
          ["{", "invalid request body"]
        ] as const
      ) {
        const answer = yield* me.post(at, body)
        assert.deepStrictEqual([answer.status, answer.json.error], [400, error])
      }
    }))
})

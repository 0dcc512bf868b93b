import { Effect } from "effect"
import { startHome } from "../support/Scene.ts"
import type { Wraps } from "../support/Stores.ts"

/** A skill as a daemon reports it. */
export const bundle = {
  name: "review",
  description: "how to review",
  content: "# Review",
  source_path: "~/.codex/skills/review",
  provider: "codex",
  files: [{ path: "notes.md", content: "notes" }]
}

/** Ana's home, and one import of hers that her daemon picked up. */
export const startImport = Effect.fnUntraced(function*(asked: object = {}, wraps: Wraps = {}) {
  const scene = yield* startHome({ wraps })
  const { codex, daemon, me } = scene
  const at = `/api/runtimes/${codex.id}/local-skills/import`
  const importOne = Effect.fnUntraced(function*(asked: object = {}) {
    const { json } = yield* me.post(at, { skill_key: "review", ...asked })
    const id: string = json.id
    const beat = yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
    const report = (body: unknown) =>
      daemon.post(`/api/daemon/runtimes/${codex.id}/local-skills/import/${id}/result`, body)
    const record = Effect.map(me.get(`${at}/${id}`), ({ json }) => json)
    return { id, asked: json, work: beat.json.pending_local_skill_import, report, record }
  })
  return {
    ...scene,
    at,
    importOne,
    ...yield* importOne(asked),
    library: Effect.map(me.get("/api/skills"), ({ json }): ReadonlyArray<Record<string, unknown>> => json)
  }
})

export const completed = (skill: unknown = bundle) => ({ status: "completed", skill })

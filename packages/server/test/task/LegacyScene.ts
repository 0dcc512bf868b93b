import { Effect } from "effect"
import { startTasks } from "./TaskScene.ts"

/** A scripted v0.3.1 daemon: the calls of one run, as it makes them. Source: `docs/protocol.md` 9. */
export const startLegacy = Effect.gen(function*() {
  const scene = yield* startTasks()
  const { codex, me } = scene
  const runtime = `/api/daemon/runtimes/${codex.id}`
  return {
    ...scene,
    claim: Effect.map(me.post(`${runtime}/tasks/claim`, {}), ({ json }) => json.task),
    claimAs: (fenced: boolean) => scene.claim(1, codex, fenced),
    recover: Effect.map(me.post(`${runtime}/recover-orphans`, {}), ({ json }) => json),
    of: (id: string) => ({
      post: (name: string, body: object | string = {}) => me.post(`/api/daemon/tasks/${id}/${name}`, body),
      get: (name: string) => me.get(`/api/daemon/tasks/${id}/${name}`)
    })
  }
})

/** A task that such a daemon runs. */
export const startRun = Effect.gen(function*() {
  const scene = yield* startLegacy
  const { claim, me, of, post } = scene
  const { id } = (yield* post()).json
  yield* claim
  const run = of(id)
  yield* run.post("start")
  const bodies = Effect.map(me.get(`/api/tasks/${id}/events`), ({ json }) => json.events.map(({ body }: any) => body))
  return {
    ...scene,
    run,
    id,
    bodies,
    report: (...messages: ReadonlyArray<object>) => run.post("messages", { messages }),
    /** All texts of a kind, as a reader sees them. */
    shown: (kind: string) =>
      Effect.map(bodies, (all) => all.filter((body: any) => body.kind === kind).map((body: any) => body.text).join(""))
  }
})

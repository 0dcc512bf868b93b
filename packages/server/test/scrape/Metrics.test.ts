import { assert, describe, it } from "@effect/vitest"
import { Api, Kinds } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { readFileSync } from "node:fs"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import { startHome } from "../support/Scene.ts"

interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const label = /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"$/

/** Reads Prometheus' text format, strictly: anything else is an error. */
const read = (text: string) => {
  const types = new Map<string, string>()
  const helps = new Set<string>()
  const series: Array<Series> = []
  assert.isTrue(text.endsWith("\n"))
  for (const row of text.trimEnd().split("\n")) {
    const [, sort, about, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(row) ?? []
    if (sort === "HELP") helps.add(about!)
    else if (sort === "TYPE") types.set(about!, rest!)
    else {
      const [, name, labels, value] = line.exec(row) ?? assert.fail(`not of the format: ${row}`)
      series.push({
        name: name!,
        labels: Object.fromEntries((labels === undefined ? [] : labels.split(",")).map((one) => {
          const [, key, text] = label.exec(one) ?? assert.fail(`not of the format: ${row}`)
          return [key!, text!]
        })),
        value: Number(value)
      })
    }
  }
  return { types, helps, series }
}

const familyOf = (name: string, types: ReadonlyMap<string, string>) =>
  types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, "")

describe("/metrics", () => {
  it.effect("is Prometheus' text format; every label is one of few words, none an id or a name; it leaves no line", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, me, muster } = yield* startHome()
      const before = read((yield* muster.nobody.get("/metrics")).text)
      const { id } = (yield* me.post(`/api/runtimes/${codex.id}/models`)).json
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: codex.id })
      yield* daemon.post("/api/daemon/heartbeat", { runtime_id: "11111111-2222-4333-8444-555555555555" })
      yield* daemon.post(`/api/daemon/runtimes/${codex.id}/models/${id}/result`, { status: "completed", models: [] })
      const answer = yield* muster.nobody.get("/metrics")

      assert.strictEqual(answer.status, 200)
      assert.match(answer.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/)
      const { helps, series, types } = read(answer.text)
      for (const { labels, name } of series) {
        const family = familyOf(name, types)
        assert.isTrue(helps.has(family) && types.has(family), name)
        if (types.get(family) === "counter") assert.match(name, /_total$/)
        if (types.get(family) === "histogram") assert.match(family, /_seconds$/)
        for (const [key, value] of Object.entries(labels)) {
          if (key === "le" || name === "muster_build_info") continue
          assert.match(value, /^[a-z_]{2,32}$/)
          if (key === "kind") assert.include([...Kinds.all.map(({ name }) => name), "other"], value)
        }
      }
      const page = readFileSync(new URL("../../../../docs/observability.md", import.meta.url), "utf8")
      const named = [...page.matchAll(/`((?:muster|process|nodejs)_[a-z_]+)`/g)].map(([, name]) => name!)
      const described = [...new Set(named)]
      assert.sameMembers(described.filter((name) => !name.startsWith("muster_daemon_")), [...types.keys()])
      const infos = series.filter(({ name }) => name === "muster_build_info")
      assert.deepStrictEqual(infos.map(({ labels }) => labels), [
        { version: Api.version, environment: "embedded", node: process.versions.node }
      ])
      // The events made no new series: their number was fixed when the server started.
      assert.strictEqual(series.length, before.series.length)
      for (const secret of [ana.id, ana.token, codex.id, id]) assert.notInclude(answer.text, secret)
      assert.deepStrictEqual(muster.lines.filter(({ annotations }) => annotations["path"] === "/metrics"), [])
    }))

  it.effect("counts beats, requests to their end, registrations and wakes, and times the steps between", () =>
    Effect.gen(function*() {
      const { ana, codex, daemon, home, me, muster } = yield* startHome()
      const now = Effect.map(muster.nobody.get("/metrics"), ({ text }) => {
        const { series } = read(text)
        return (name: string, labels: Readonly<Record<string, string>> = {}) =>
          series.find((one) =>
            one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value)
          )?.value
      })
      const beat = (runtime_id: string) => daemon.post("/api/daemon/heartbeat", { runtime_id })
      const ask = Effect.map(me.post(`/api/runtimes/${codex.id}/models`), ({ json }) => json.id as string)
      const report = (id: string, body: object) =>
        daemon.post(`/api/daemon/runtimes/${codex.id}/models/${id}/result`, body)

      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
      yield* socket.beat(codex.id)
      yield* socket.next
      assert.strictEqual((yield* now)("muster_sockets_open"), 1)
      const first = yield* ask
      assert.deepStrictEqual(yield* socket.next, ackOf(codex.id, { pending_model_list: { id: first } }))
      yield* TestClock.adjust("3 seconds")
      yield* report(first, { status: "completed", models: [] })
      // This one's wake is lost, and a beat finds it.
      yield* muster.requests.create({ kind: Kinds.all[0]!, runtimeId: codex.id, payload: {}, by: ana.id })
      yield* socket.beat(codex.id)
      const found = (yield* socket.next).payload.pending_model_list.id as string
      yield* report(found, { status: "failed", error: "no" })
      const late = yield* ask
      yield* socket.next
      yield* TestClock.adjust("61 seconds")
      yield* me.get(`/api/runtimes/${codex.id}/models/${late}`)
      yield* me.get(`/api/runtimes/${codex.id}/models/${late}`)
      yield* beat(codex.id)
      yield* beat("11111111-2222-4333-8444-555555555555")
      for (const version of ["1.0.0", "1.0.1"]) {
        yield* daemon.post("/api/daemon/register", {
          workspace_id: home,
          daemon_id: "box",
          runtimes: [{ name: "x", type: "claude", version, status: "online" }]
        })
        yield* TestClock.adjust("1 second")
      }
      const metric = yield* now

      const kind = "model_list"
      assert.deepStrictEqual({
        socketBeats: metric("muster_beats_total", { transport: "socket", outcome: "ok" }),
        httpBeats: metric("muster_beats_total", { transport: "http", outcome: "ok" }),
        gone: metric("muster_beats_total", { transport: "http", outcome: "gone" }),
        byWake: metric("muster_pickups_total", { by: "wake" }),
        missed: metric("muster_wakes_missed_total"),
        completed: metric("muster_requests_ended_total", { kind, state: "completed" }),
        failed: metric("muster_requests_ended_total", { kind, state: "failed" }),
        timeout: metric("muster_requests_ended_total", { kind, state: "timeout" }),
        claimed: metric("muster_request_claim_seconds_count", { kind }),
        settled: metric("muster_request_settle_seconds_count", { kind }),
        seconds: metric("muster_request_settle_seconds_sum", { kind }),
        new: metric("muster_registrations_total", { outcome: "new" }),
        again: metric("muster_registrations_total", { outcome: "again" }),
        received: metric("muster_wakes_received_total")
      }, {
        socketBeats: 2,
        httpBeats: 1,
        gone: 1,
        byWake: 2,
        missed: 1,
        completed: 1,
        failed: 1,
        timeout: 1,
        claimed: 3,
        settled: 2,
        seconds: 3,
        new: 1,
        again: 1,
        received: 2
      })
    }))
})

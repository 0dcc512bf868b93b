import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, layer } from "@effect/vitest"
import { Api } from "@muster/domain"
import { Context, Effect, type Effect as E, FileSystem, Layer, Logger, Redacted } from "effect"
import { OpenApi } from "effect/http-api"
import { layerServer, ServerInfo } from "../../src/index.ts"
import { callerOf } from "../support/Http.ts"

const start = Effect.gen(function*() {
  const dataDir = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
  const lines: Array<string> = []
  const logger = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
  const built = yield* Layer.build(layerServer({ host: "127.0.0.1", port: 0, dataDir, databaseUrl: undefined })).pipe(
    Effect.provide(logger)
  )
  const info = Context.get(built, ServerInfo)
  const me = callerOf(info.url, Redacted.value(info.ownerToken), info.ownerWorkspace)
  const registration = {
    workspace_id: info.ownerWorkspace,
    daemon_id: "daemon-1",
    runtimes: [{ type: "codex", status: "online" }]
  }
  const { id } = (yield* me.post("/api/daemon/register", registration)).json.runtimes[0]
  return { id: id as string, lines, me, registration, workspace: info.ownerWorkspace as string }
})

/** One server on its own database for all the inputs. */
class Home extends Context.Service<Home, E.Success<typeof start>>()("@muster/server/test/http/Bounds/Home") {}

interface Node {
  readonly $ref?: string
  readonly type?: string
  readonly maxLength?: number
  readonly maxItems?: number
  readonly allOf?: ReadonlyArray<Node>
  readonly anyOf?: ReadonlyArray<Node>
  readonly items?: Node
  readonly properties?: Readonly<Record<string, Node>>
}
interface Operation {
  readonly parameters?: ReadonlyArray<{ readonly name: string; readonly in: string; readonly schema: Node }>
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Node }>> }
}

const document = OpenApi.fromApi(Api.DocumentedApi) as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Node>> }
}

const mergedOf = (node: Node): Node =>
  node.$ref === undefined
    ? Object.assign({}, node, ...node.allOf ?? []) as Node
    : mergedOf(document.components.schemas[node.$ref.split("/").at(-1)!]!)

/** Values over one bound of a schema each; for texts that are cut, 100,000 characters. */
const overs = (given: Node, place: string): ReadonlyArray<readonly [place: string, value: unknown]> => {
  const node = mergedOf(given)
  if (node.type === "string") return [[place, "a".repeat((node.maxLength ?? 100_000) + 1)], [place, "\u0000\ud800'"]]
  const entries = node.items === undefined
    ? []
    : overs(node.items, `${place}[0]`).map(([at, one]) => [at, [one]] as const)
  const many = node.maxItems === undefined
    ? []
    : [[place, Array.from({ length: node.maxItems + 1 }, () => "a")] as const]
  return [
    ...(node.anyOf ?? []).flatMap((one) => overs(one, place)),
    ...Object.entries(node.properties ?? {}).flatMap(([key, one]) =>
      overs(one, key).map(([at, value]) => [`${place}.${at}`, { [key]: value }] as const)
    ),
    ...entries,
    ...many
  ]
}

/** The inputs of each operation, as `method path place`. */
const inputs = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, { parameters = [], requestBody }]) => [
    ...parameters.flatMap((one) => overs(one.schema, one.name).map(([, value]) => ({ method, path, one, value }))),
    ...Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
      overs(schema, "body").map(([place, body]) => ({ method, path, place, body }))
    )
  ])
)

const trouble = /unavailable|broke|defect|internal/i

describe("F-26 input over its bound, from the definition of the API", () => {
  layer(Layer.effect(Home, start).pipe(Layer.provide(NodeServices.layer)), { timeout: 60_000 })((it) => {
    it.effect("F-26 every text and list over its bound is 4xx in the error's form, without a fault or an outage", () =>
      Effect.gen(function*() {
        const { id, lines, me, workspace } = yield* Home
        assert.isAbove(inputs.length, 100)
        yield* Effect.forEach(inputs, (input) =>
          Effect.gen(function*() {
            const fill = (name: string) => {
              if ("one" in input && input.one.in === "path" && input.one.name === name) return String(input.value)
              return ({ runtimeId: id, workspaceId: workspace, kind: "models", requestId: "0".repeat(32) })[name] ??
                "00000000-0000-4000-8000-000000000000"
            }
            const path = input.path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(fill(name).toWellFormed()))
            const query = "one" in input && input.one.in === "query"
              ? `?${input.one.name}=${encodeURIComponent(String(input.value).toWellFormed())}`
              : ""
            const call = me[input.method as "get" | "post" | "patch" | "delete"]
            const answer = yield* call(path + query, "body" in input ? input.body : undefined)
            const said = `${input.method} ${input.path} ${
              "place" in input ? input.place : input.one.name
            }: ${answer.text}`
            // The router takes no segment of more than 100 characters; a daemon gets 501.
            if (answer.json?.code !== "not_supported") assert.isBelow(answer.status, 500, said)
            // What Node refuses before our code (a head of more than 64 KiB) has no body.
            if (answer.status >= 400 && answer.text !== "") {
              assert.deepStrictEqual(Object.keys(answer.json ?? {}).toSorted(), ["code", "error"], said)
            }
          }), { concurrency: 8 })
        const { json } = yield* me.get("/readyz")
        assert.deepStrictEqual([json.status, ...new Set(Object.values(json.checks))], ["ok", "ok"])
        assert.deepStrictEqual(lines.filter((line) => trouble.test(line)), [])
      }))

    it.effect("F-26 a refusal names the field and its bound", () =>
      Effect.gen(function*() {
        const { id, me } = yield* Home
        const over = (length: number) => "a".repeat(length)
        const answers = [
          yield* me.post("/api/workspaces", { name: "a", slug: over(500_000) }),
          yield* me.post("/api/workspaces", { name: over(900_000), slug: "a" }),
          yield* me.post("/api/workspaces", { name: "a", slug: "a", issue_prefix: over(17) }),
          yield* me.post("/api/tokens", { name: over(201) }),
          yield* me.patch(`/api/runtimes/${id}`, { name: over(257) }),
          yield* me.get(`/api/skills?after=${over(257)}`)
        ]
        assert.deepStrictEqual(answers.map(({ json, status }) => [status, json.error]), [
          [400, "slug must be at most 64 characters"],
          [400, "name must be at most 256 characters"],
          [400, "issue_prefix must be at most 16 characters"],
          [400, "name must be at most 200 characters"],
          [400, "name must be at most 256 characters"],
          [400, "after must be at most 256 characters"]
        ])
      }))

    it.effect("F-31 names that people enter have no control or direction characters", () =>
      Effect.gen(function*() {
        const { id, me } = yield* Home
        const odd = "a\u202egpj.exe"
        const answers = [
          yield* me.post("/api/workspaces", { name: odd, slug: "odd" }),
          yield* me.post("/api/tokens", { name: odd }),
          yield* me.post("/api/tokens", { name: "a\u0007b" }),
          yield* me.patch(`/api/runtimes/${id}`, { name: odd }),
          yield* me.post(`/api/runtimes/${id}/local-skills/import`, { skill_key: "a", name: odd })
        ]
        for (const { json, status } of answers) {
          assert.deepStrictEqual([status, json.error], [
            400,
            "name must be one line without control characters and marks of direction"
          ])
        }
      }))

    it.effect("F-26 F-31 a daemon's texts are cleaned and cut, and the registration succeeds", () =>
      Effect.gen(function*() {
        const { me, registration } = yield* Home
        const answer = yield* me.post("/api/daemon/register", {
          ...registration,
          daemon_id: "daemon-2",
          device_name: `box\u202e\u0000${"b".repeat(1_000)}`,
          legacy_daemon_ids: ["c".repeat(1_000)],
          runtimes: [{
            type: "code\u0007x",
            name: `My\n\u2066box\u2069${"x".repeat(1_000)}`,
            version: "1\u009b2",
            status: "online"
          }]
        })
        assert.strictEqual(answer.status, 200, answer.text)
        const [row] = answer.json.runtimes
        assert.strictEqual(row.provider, "codex")
        assert.strictEqual(row.name, `My box${"x".repeat(250)}`)
        assert.strictEqual(row.metadata.version, "12")
        assert.strictEqual(row.device_info, `box${"b".repeat(253)} · 12`)
      }))
  })
})

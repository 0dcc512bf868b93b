import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { startMuster } from "../support/Muster.ts"

const described = Effect.gen(function*() {
  const { nobody } = yield* startMuster()
  return yield* nobody.get("/openapi.json")
})

/** Every object below a JSON value. */
const objectsIn = (value: unknown): ReadonlyArray<Record<string, unknown>> =>
  typeof value !== "object" || value === null
    ? []
    : [value as Record<string, unknown>, ...Object.values(value).flatMap(objectsIn)]

const publicRoutes: ReadonlySet<string> = new Set([
  "GET /api/sign-in",
  "POST /api/session",
  "POST /api/join",
  "POST /api/invite-link",
  "POST /api/invite-link/accept"
])

describe("the API's description", () => {
  it.effect("/openapi.json is a public OpenAPI document", () =>
    Effect.gen(function*() {
      const { headers, json, status } = yield* described
      assert.strictEqual(status, 200)
      assert.match(headers.get("content-type") ?? "", /^application\/json/)
      assert.match(json.openapi, /^3\.1\./)
      assert.strictEqual(json.info.title, "Muster")
    }))

  it.effect("/openapi.json lists every route once, with an answer, a unique name, and its callers", () =>
    Effect.gen(function*() {
      const { json } = yield* described
      const operations = Object.entries<Record<string, any>>(json.paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const)
      )
      // The table of `access/Endpoints.test.ts` shows that none is missing.
      assert.isAtLeast(operations.length, 40)
      assert.strictEqual(new Set(operations.map(([, { operationId }]) => operationId)).size, operations.length)
      for (const [name, { responses, security }] of operations) {
        assert.isTrue(Object.keys(responses).some((status) => /^[12]/.test(status)), name)
        // Callers without a credential sign in, join, or accept an invitation by what the body has.
        const isPublic = publicRoutes.has(name)
        if (!isPublic || name === "POST /api/session") assert.include(Object.keys(responses), "401", name)
        const ways = isPublic ? [] : /\/api\/(daemon|task$)/.test(name)
          ? ["bearer"]
          : ["bearer", name.startsWith("GET ") ? "session" : "session+csrf"]
        assert.deepStrictEqual(security.map((way: object) => Object.keys(way).join("+")), ways, name)
      }
      assert.sameMembers(Object.keys(json.components.securitySchemes), ["bearer", "session", "csrf"])
    }))

  it.effect("/openapi.json: every operation has a title of its own and a description; the server is this one", () =>
    Effect.gen(function*() {
      const { json } = yield* described
      const operations = Object.values<Record<string, any>>(json.paths).flatMap((methods) => Object.values(methods))
      for (const { description, operationId, summary } of operations) {
        assert.match(summary, /^[A-Z].{5,79}[^.]$/, operationId)
        assert.match(description, /^[A-Z`].{10,}\.$/, operationId)
      }
      const titles = operations.map(({ summary }) => summary)
      assert.deepStrictEqual(titles.filter((title, index) => titles.indexOf(title) !== index), [])
      assert.deepStrictEqual(json.servers.map(({ url }: { readonly url: string }) => url), ["/"])
    }))

  it.effect("/openapi.json: every reference resolves", () =>
    Effect.gen(function*() {
      const { json } = yield* described
      const references = objectsIn(json).map(($) => $["$ref"]).filter(($) => typeof $ === "string")
      assert.isAbove(references.length, 0)
      for (const reference of references) {
        const target = reference.slice(2).split("/").reduce(
          (at: any, key) => at?.[key.replaceAll("~1", "/").replaceAll("~0", "~")],
          json
        )
        assert.isDefined(target, reference)
      }
    }))

  it.effect("/openapi.json has the wire's names: snake_case, and errors as sentence and code", () =>
    Effect.gen(function*() {
      const { json } = yield* described
      // The framework decides how a broken stream is written.
      for (const path of ["/api/events", "/api/tasks/{taskId}/stream"]) {
        delete json.paths[path].get.responses["200"].content["text/event-stream"]
      }
      const names = objectsIn(json).flatMap(({ properties }) => Object.keys(properties ?? {}))
      assert.isAbove(names.length, 50)
      assert.deepStrictEqual(names.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name)), [])
      const refused = json.paths["/api/me"].get.responses["401"].content["application/json"].schema
      const schema = "$ref" in refused ? json.components.schemas[refused.$ref.split("/").at(-1)] : refused
      assert.deepStrictEqual(Object.keys(schema.properties).toSorted(), ["code", "error"])
    }))

  it.effect("/docs is a page", () =>
    Effect.gen(function*() {
      const { nobody } = yield* startMuster()
      const answer = yield* nobody.get("/docs")
      assert.strictEqual(answer.status, 200)
      assert.match(answer.headers.get("content-type") ?? "", /^text\/html/)
      assert.include(answer.text, "Muster")
    }))
})

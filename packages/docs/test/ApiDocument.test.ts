import { assert, describe, it } from "@effect/vitest"
import { Api } from "@muster/domain"
import { createConfig, lintFromString } from "@redocly/openapi-core"
import { OpenApi } from "effect/http-api"

const document: any = OpenApi.fromApi(Api.DocumentedApi)

const operations = Object.values<Record<string, any>>(document.paths).flatMap((methods) => Object.values(methods))

/** What a description of an operation can give an example of: JSON and events of its body and of its replies without an error. */
const contentsOf = ({ requestBody, responses }: any): ReadonlyArray<any> =>
  [
    requestBody,
    ...Object.entries(responses).filter(([status]) => status.startsWith("2")).map(([, response]) => response)
  ]
    .flatMap((part) => Object.entries<any>(part?.content ?? {}))
    .filter(([type]) => type === "application/json" || type === "text/event-stream").map(([, content]) => content)

/** The problems that Redocly's linter finds. */
const linted = async (changed: unknown) => {
  const names = [
    "struct",
    "no-unresolved-refs",
    "no-empty-servers",
    "security-defined",
    "operation-summary",
    "operation-description",
    "operation-operationId-unique",
    "path-parameters-defined",
    "tag-description"
  ]
  const config = await createConfig({
    rules: {
      ...Object.fromEntries(names.map((name) => [name, "error"])),
      "no-invalid-media-type-examples": { severity: "error", allowAdditionalProperties: false }
    }
  })
  const found = await lintFromString({ source: JSON.stringify(changed), config })
  return found.map(({ location: [at], message, ruleId }) => `${ruleId} ${at?.pointer}: ${message}`)
}

describe("the OpenAPI document", () => {
  it("P-07 has a summary, a description and valid examples for each operation, servers and security", async () => {
    assert.deepStrictEqual(await linted(document), [])
    for (const operation of operations) {
      for (const content of contentsOf(operation)) assert.isDefined(content.example, operation.operationId)
    }
    assert.isAtLeast(operations.filter((operation) => contentsOf(operation).length > 0).length, 100)
    assert.sameMembers(Object.keys(document.components.securitySchemes), ["bearer", "session", "csrf"])
  })

  it("P-07 shows in no example a text that means nothing", () => {
    const texts = operations.flatMap(contentsOf).map(({ example }) => JSON.stringify(example))
    assert.deepStrictEqual(texts.filter((text) => /:"text"[,}]/.test(text.replaceAll("\"type\":\"text\"", ""))), [])
  })

  it("P-07 an example that its schema refuses, or an operation without a summary, is found", async () => {
    const changed = structuredClone(document)
    changed.paths["/api/tasks"].post.requestBody.content["application/json"].example.prompt = 7
    delete changed.paths["/api/me"].get.summary
    const found = await linted(changed)
    assert.lengthOf(found, 2)
    assert.match(found.join("\n"), /no-invalid-media-type-examples.*prompt/)
    assert.match(found.join("\n"), /operation-summary/)
  })
})

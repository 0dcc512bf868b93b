import { assert, describe, it } from "@effect/vitest"
import { Api, Kinds, LocalSkill, Model } from "@muster/domain"
import { Schema } from "effect"
import { OpenApi } from "effect/http-api"

type Node = Readonly<Record<string, unknown>>

/** What a schema declares where more is cut or left out instead of refused. */
const gives = /is cut to \d+|left out/

const isBounded = (node: Node): boolean =>
  ["enum", "const", "pattern", "format"].some((key) => key in node) ||
  (typeof node["description"] === "string" && gives.test(node["description"]))

/** The parts of a JSON schema in which a text or a list has no bound, as `place: what`. */
const unbounded = (node: unknown, place: string, root: Node): ReadonlyArray<string> => {
  if (typeof node !== "object" || node === null) return []
  if (Array.isArray(node)) return node.flatMap((one, i) => unbounded(one, `${place}|${i}`, root))
  const schema = node as Node
  if (typeof schema["$ref"] === "string") {
    const at = schema["$ref"].slice(2).split("/").reduce<unknown>((value, key) => (value as Node)[key], root)
    return unbounded(at, place, root)
  }
  const parts = Object.assign({}, schema, ...Object.values(schema["allOf"] ?? {})) as Node
  const own = parts["type"] === "string" && !("maxLength" in parts) && !isBounded(parts)
    ? [`${place}: text`]
    : parts["type"] === "array" && !("maxItems" in parts) && !isBounded(parts)
    ? [`${place}: list`]
    : []
  return [
    ...own,
    ...Object.entries(schema["properties"] ?? {}).flatMap(([key, one]) => unbounded(one, `${place}.${key}`, root)),
    ...["items", "anyOf", "oneOf", "allOf", "prefixItems"].flatMap((key) => unbounded(schema[key], place, root))
  ]
}

interface Operation {
  readonly parameters?: ReadonlyArray<{ readonly name: string; readonly schema: unknown }>
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: unknown }>> }>
  >
}

const document = OpenApi.fromApi(Api.DocumentedApi) as unknown as Node
const operations = Object.entries(document["paths"] as Record<string, Record<string, Operation>>).flatMap(
  ([path, methods]) => Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const)
)

const schemaOf = (schema: Schema.Constraint): unknown => {
  const { definitions, schema: own } = Schema.toJsonSchemaDocument(schema as never) as unknown as {
    readonly schema: Node
    readonly definitions: Node
  }
  return { ...own, $defs: definitions }
}

describe("F-26 bounds, from the definition of the API", () => {
  it.each(operations)("F-26 %s: every text and every list has a maximum", (name, { parameters, requestBody }) => {
    const found = [
      ...(parameters ?? []).flatMap(({ name, schema }) => unbounded(schema, name, document)),
      ...Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => unbounded(schema, "body", document))
    ]
    assert.deepStrictEqual(found, [], name)
  })

  it.each(operations)("F-26 %s: every list of an answer has a maximum", (name, { responses }) => {
    const found = Object.values(responses).flatMap(({ content }) =>
      Object.values(content ?? {}).flatMap(({ schema }) => unbounded(schema, "answer", document))
    )
    assert.deepStrictEqual(found.filter((one) => one.endsWith(": list")), [], name)
  })

  const reported: ReadonlyArray<readonly [string, Schema.Constraint]> = [
    ["an entry of a registration", Api.RegisterEntry],
    ["a model", Model.Model],
    ["a skill on a machine", LocalSkill.LocalSkill],
    ["a skill that cannot be imported", LocalSkill.OmittedSkill],
    ...Kinds.all.flatMap((kind) =>
      kind.report === undefined ? [] : [[`a report of ${kind.name}`, kind.report] as const]
    )
  ]
  it.each(reported)("F-26 %s: every text and every list has a maximum", (_, schema) => {
    const document = schemaOf(schema) as Node
    assert.deepStrictEqual(unbounded(document, "it", document), [])
  })
})

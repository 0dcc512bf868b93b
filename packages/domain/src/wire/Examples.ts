import { anyId, bodies, common, ofField, ofGroup, ofOperation, rare } from "./ExampleValues.ts"

/** A JSON object of the OpenAPI document. */
type Json = Record<string, any>

/** How much of an object is shown: of replies what they have, of bodies what a caller has to give. */
type Extent = "reply" | "body"

const typeOf = (value: unknown) =>
  value === null ? "null" : Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value

const alternatives = (schema: Json): ReadonlyArray<Json> => schema["anyOf"] ?? schema["oneOf"] ?? [schema]

/** Whether a schema allows a value from the table, which is a scalar or a list of words. */
const allows = (schema: Json, value: unknown): boolean =>
  alternatives(schema).some(({ enum: words, items, maxLength = Infinity, minimum = -Infinity, pattern, type }) => {
    const own = typeOf(value)
    if (type !== own && !(type === "number" && own === "integer")) return false
    if (words !== undefined) return words.includes(value)
    if (typeof value === "string") {
      return value.length <= maxLength && (pattern === undefined || RegExp(pattern).test(value))
    }
    if (typeof value === "number") return value >= minimum
    return !Array.isArray(value) || value.every((item) => allows(items ?? {}, item))
  })

/** Where a value is: in which operation, and in which field, the nearest one. */
interface Place {
  readonly operation: string
  readonly extent: Extent
  readonly field: string
}

const known = (schema: Json, { field, operation }: Place, name: string) =>
  [
    ...ofField[field]?.[name] ?? [],
    ...ofOperation[operation]?.[name] ?? [],
    ...ofGroup[operation.split(".")[0]!]?.[name] ?? [],
    ...common[name] ?? []
  ].find((value) => allows(schema, value))

const textOf = ({ contentSchema, pattern }: Json, place: Place) => {
  if (contentSchema !== undefined) return JSON.stringify(valueOf(contentSchema, place, ""))
  return pattern === undefined ? "text" : RegExp(pattern).test(anyId) ? anyId : ""
}

const objectOf = ({ properties = {}, required = [] }: Json, place: Place) => {
  const names = Object.keys(properties).filter((name) =>
    required.includes(name) || (place.extent === "reply" ? !rare.has(name) : required.length === 0)
  )
  return Object.fromEntries(names.map((name) => [name, valueOf(properties[name], place, name)]))
}

/** A value that a schema allows. `name`: the field that has it, which decides what is shown. */
const valueOf = (schema: Json, place: Place, name: string): unknown => {
  const value = known(schema, place, name)
  if (value !== undefined) return value
  const first = alternatives(schema).find(({ type }) => type !== "null") ?? {}
  if (first["enum"] !== undefined) return first["enum"][0]
  if (first["anyOf"] !== undefined) return valueOf(first, place, name)
  switch (first["type"]) {
    case "object":
      return objectOf(first, { ...place, field: name === "" ? place.field : name })
    case "array":
      return first["items"] === undefined ? [] : [valueOf(first["items"], place, name)]
    case "string":
      return textOf(first, place)
    case "integer":
    case "number":
      return Math.max(first["minimum"] ?? 0, 0)
    case "boolean":
      return false
    default:
      return null
  }
}

/** Adds an example to each JSON content and stream of an operation's body and of its replies without an error. */
export const withExamples = (operation: Json): Json => {
  const id: string = operation["operationId"]
  const example = (schema: Json, extent: Extent) => valueOf(schema, { operation: id, extent, field: "" }, "")
  const contents = (content: Json, of: (schema: Json) => unknown) =>
    Object.fromEntries(
      Object.entries<Json>(content).map(([type, media]) => [
        type,
        /json|event-stream/.test(type) ? { ...media, example: of(media["schema"]) } : media
      ])
    )
  const { requestBody, responses } = operation
  const body = requestBody === undefined ? {} : {
    requestBody: {
      ...requestBody,
      content: contents(requestBody.content, (schema) => bodies[id] ?? example(schema, "body"))
    }
  }
  const replies = Object.entries<Json>(responses).map(([status, response]) => [
    status,
    /^[12]/.test(status) && response["content"] !== undefined
      ? { ...response, content: contents(response["content"], (schema) => example(schema, "reply")) }
      : response
  ])
  return { ...operation, ...body, responses: Object.fromEntries(replies) }
}

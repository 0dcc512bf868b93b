// JSON schemas of single resources for kubeconform, from the definitions of Kubernetes and from custom resource definitions.

/** The name under which kubeconform looks for a schema: `deployment-apps-v1`, `service-v1`. */
const fileName = ({ group, kind, version }) =>
  [kind, group.split(".")[0], version].filter((part) => part !== "").join("-").toLowerCase()

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value)

/** The same schema, which refuses fields that it does not know. */
const strict = (schema) => {
  if (Array.isArray(schema)) return schema.map(strict)
  if (!isObject(schema)) return schema
  const entries = Object.entries(schema).map(([key, value]) => [key, strict(value)])
  const copy = Object.fromEntries(entries)
  const hasOnlyKnown = isObject(schema.properties) && schema.additionalProperties === undefined &&
    schema["x-kubernetes-preserve-unknown-fields"] !== true
  if (schema["x-kubernetes-int-or-string"] === true || schema.format === "int-or-string") {
    return { oneOf: [{ type: "string" }, { type: "integer" }] }
  }
  return hasOnlyKnown ? { ...copy, additionalProperties: false } : copy
}

/** The names that these schemas refer to, directly or through others. */
const reachable = (name, definitions, found = new Set()) => {
  if (found.has(name)) return found
  found.add(name)
  for (const [, next] of JSON.stringify(definitions[name]).matchAll(/"#\/definitions\/([^"]+)"/g)) {
    reachable(next, definitions, found)
  }
  return found
}

/** The schema of each kind in the definitions of Kubernetes' API, as `{ name, schema }`. */
export const schemasOfDefinitions = (definitions) =>
  Object.entries(definitions).flatMap(([name, definition]) =>
    (definition["x-kubernetes-group-version-kind"] ?? []).map((kind) => ({
      name: fileName(kind),
      schema: {
        $schema: "http://json-schema.org/draft-07/schema#",
        $ref: `#/definitions/${name}`,
        definitions: Object.fromEntries([...reachable(name, definitions)].map((one) => [one, strict(definitions[one])]))
      }
    }))
  )

/** The schema of each version of a custom resource definition. */
export const schemasIn = ({ spec: { group, names, versions } }) =>
  versions.map(({ name, schema }) => ({
    name: fileName({ group, kind: names.kind, version: name }),
    schema: { $schema: "http://json-schema.org/draft-07/schema#", ...strict(schema.openAPIV3Schema) }
  }))

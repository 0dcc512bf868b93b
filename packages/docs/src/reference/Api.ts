import { Api, EndpointScopes } from "@muster/domain"
import { OpenApi } from "effect/http-api"

interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly tag: string
  readonly summary: string | undefined
  readonly description: string | undefined
}

const document = () => OpenApi.fromApi(Api.DocumentedApi)

const methods = ["get", "put", "post", "patch", "delete"] as const

/** Every operation of the API, in the order of its document. */
const operationsOf = (spec: OpenApi.OpenAPISpec): ReadonlyArray<Operation> =>
  Object.entries(spec.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method]
      if (operation === undefined) return []
      const { description, operationId, summary, tags: [tag = ""] = [] } = operation
      return [{ id: operationId, method: method.toUpperCase(), path, tag, summary, description }]
    })
  )

/** The ids of operations without a summary or a description. */
export const operationsWithoutText = (): ReadonlyArray<string> =>
  operationsOf(document()).filter(({ description, summary }) => summary === undefined || description === undefined)
    .map(({ id }) => id)

const cell = (text: string | undefined) => (text ?? "").replaceAll("|", "\\|")

const row = ({ description, id, method, path, summary }: Operation) => {
  const [group = "", endpoint = ""] = id.split(".")
  const scope = EndpointScopes.of(group, endpoint) ?? ""
  const text = description?.replace(/ Scope: `\w+`\.$/, "")
  return `| \`${method} ${path}\` | ${scope} | ${cell(summary)}. ${cell(text)} |`
}

/** A program with a client whose types are made from the document. TypedClient.test.ts compiles and runs it as the page has it. */
const client = `\`\`\`ts
import createClient from "openapi-fetch"
import type { paths } from "./muster.d.ts"

const { SERVER = "", TOKEN = "", WORKSPACE = "" } = process.env
const muster = createClient<paths>({
  baseUrl: SERVER,
  headers: { authorization: \`Bearer \${TOKEN}\`, "x-workspace-slug": WORKSPACE }
})

const runtimes = await muster.GET("/api/runtimes")
if (runtimes.error) throw new Error(runtimes.error.error)
for (const { name, provider, status } of runtimes.data) console.log(status, provider, name)

const opencode = runtimes.data.find(({ provider }) => provider === "opencode")
if (opencode === undefined) throw new Error("no runtime of OpenCode")
const task = await muster.POST("/api/tasks", { body: { runtime_id: opencode.id, prompt: "say hello" } })
if (task.error) throw new Error(task.error.error)
console.log(task.data.status, task.data.id)
\`\`\``

/** The page of the HTTP API, in Markdown. */
export const apiPage = (): string => {
  const spec = document()
  const operations = operationsOf(spec)
  const sections = spec.tags.map(({ description, name }) => [
    `## ${name}`,
    ...description === undefined ? [] : [description],
    [
      "| call | scope | what it does |",
      "|---|---|---|",
      ...operations.filter(({ tag }) => tag === name).map(row)
    ].join("\n")
  ])
  return [
    "# HTTP API",
    "This page is made from the definition of the API (`npm run docs`). Every server describes all fields, with their bounds, at " +
    "`/openapi.json` (OpenAPI 3.1), and has a page to read and try them at `/docs`.",
    "A call has a token (`Authorization: Bearer`) whose [scope](access.md#scopes-of-tokens) allows it; `public` calls need none. Most " +
    "calls of people name a workspace, by the header `X-Workspace-Slug` or `X-Workspace-ID`. Errors are `{\"error\": sentence, " +
    "\"code\": word}`; see [error codes](errors.md). Examples are in [tasks](tasks.md) and [requests](requests.md).",
    "## A typed client",
    "Generators of clients read `/openapi.json`. For TypeScript, `npx openapi-typescript SERVER/openapi.json -o muster.d.ts` writes " +
    "its types (with `typescript@5` installed), and `openapi-fetch` calls the API by them:",
    client,
    ...sections.flat()
  ].join("\n\n") + "\n"
}

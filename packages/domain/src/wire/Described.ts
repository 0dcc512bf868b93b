import { withExamples } from "./Examples.ts"
import * as OperationTexts from "./OperationTexts.ts"
import { csrfCookie, csrfHeader, sessionCookie } from "./SessionApi.ts"

/** A JSON object of the OpenAPI document. */
type Json = Record<string, any>

const schemes = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description:
      "A personal access token (`mul_…`), a machine's credential (`mmc_…`), a daemon token, or the token of a task (`mtk_…`)."
  },
  session: {
    type: "apiKey",
    in: "cookie",
    name: sessionCookie,
    description: "The session of the console, which POST /api/session opens."
  },
  csrf: {
    type: "apiKey",
    in: "header",
    name: csrfHeader,
    description: `With a session, and a method other than GET: the value of the cookie \`${csrfCookie}\`.`
  }
}

/** Calls of daemons and of agents, which have no session. */
const isForPrograms = (path: string) => path.startsWith("/api/daemon/") || path === "/api/task"

/** How a call is authenticated: as its middleware declares, and people's calls by a session too. */
const securityOf = (method: string, path: string, declared: ReadonlyArray<Json>) =>
  declared.length === 0 || isForPrograms(path)
    ? declared
    : [...declared, method === "get" ? { session: [] } : { session: [], csrf: [] }]

/** Completes the OpenAPI document: the texts and examples of its operations, and the ways to authenticate. */
export const described = (spec: Json): Json => ({
  ...spec,
  components: { ...spec["components"], securitySchemes: schemes },
  paths: Object.fromEntries(
    Object.entries<Json>(spec["paths"]).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries<Json>(methods).map(([method, operation]) => [method, {
          ...withExamples(operation),
          ...OperationTexts.of(operation["operationId"]),
          security: securityOf(method, path, operation["security"])
        }])
      )
    ])
  )
})

import { Api } from "@muster/domain"
import { type Effect, Redacted } from "effect"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { Connection } from "../profile/Connection.ts"
import { version } from "../Version.ts"
import { noticeEnd } from "./noticeEnd.ts"

const systems: Record<string, string> = { darwin: "macos", win32: "windows" }

/** The headers that identify the CLI in every call. Source: `docs/protocol.md` 1.4. */
const clientHeaders = {
  "x-client-platform": "cli",
  "x-client-version": version,
  "x-client-os": systems[process.platform] ?? process.platform
}

const uuid = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i

const workspaceHeader = (workspace: string) => ({
  [uuid.test(workspace) ? "x-workspace-id" : "x-workspace-slug"]: workspace
})

/** Returns a typed client of the server's API, signed in and, if given, scoped to a workspace (id or slug). */
export const musterClient = (to: Pick<Connection, "token" | "url">, workspace?: string) =>
  HttpApiClient.make(Api.MusterApi, {
    baseUrl: to.url,
    transformClient: (client) =>
      client.pipe(
        HttpClient.mapRequest((request) =>
          request.pipe(
            HttpClientRequest.bearerToken(Redacted.value(to.token)),
            HttpClientRequest.setHeaders({
              ...clientHeaders,
              ...(workspace === undefined ? {} : workspaceHeader(workspace))
            })
          )
        ),
        HttpClient.tap(noticeEnd)
      )
  })

export type MusterClient = Effect.Success<ReturnType<typeof musterClient>>

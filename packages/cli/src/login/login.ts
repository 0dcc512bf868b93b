import type { WorkspaceRecord } from "@muster/domain"
import { Console, Effect, Option, type Redacted } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/call.ts"
import { musterApi } from "../api/Muster.ts"
import { Failure } from "../failure/Failure.ts"
import { jsonText } from "../output/Json.ts"
import { printable } from "../output/Printable.ts"
import { environment } from "../profile/Connection.ts"
import { shortened } from "../profile/Home.ts"
import { readProfile, saveProfile } from "../profile/Profile.ts"
import { defaultServerUrl, serverUrl } from "../profile/ServerUrl.ts"
import { askToken } from "./askToken.ts"

type Workspace = typeof WorkspaceRecord.Type

/** The flag, MUSTER_SERVER_URL, the profile's, or this machine's own. */
const chooseServer = Effect.fnUntraced(function*(flag: Option.Option<string>) {
  if (Option.isSome(flag)) return yield* serverUrl(flag.value, "--server")
  const { url } = yield* environment
  if (Option.isSome(url)) return yield* serverUrl(url.value, "MUSTER_SERVER_URL")
  // A broken profile is what a login puts right.
  const saved = yield* Effect.orElseSucceed(readProfile, () => Option.none())
  return Option.isSome(saved) ? yield* serverUrl(saved.value.server_url, "the profile") : defaultServerUrl
})

const chooseWorkspace = (workspaces: ReadonlyArray<Workspace>, asked: Option.Option<string>) => {
  if (Option.isNone(asked)) return Effect.succeed(workspaces[0])
  const found = workspaces.find(({ id, slug }) =>
    id === asked.value.toLowerCase() || slug === asked.value.toLowerCase()
  )
  return found !== undefined ? Effect.succeed(found) : Effect.fail(
    new Failure({
      class: "notFound",
      code: "workspace_not_found",
      sentence: `you are in no workspace "${asked.value}"`,
      next: workspaces.length === 0
        ? "ask an admin there to add you to one"
        : `choose one of: ${workspaces.map(({ slug }) => printable(slug)).join(", ")}`
    })
  )
}

const list = (workspaces: ReadonlyArray<Workspace>, chosen: Workspace | undefined) =>
  workspaces.map(({ id, name, slug }) => `  ${id === chosen?.id ? "*" : " "} ${printable(slug)}  ${printable(name)}`)

/** `muster login`: checks the token with the server and remembers both. Nothing is saved before the server agreed. */
export const login = Effect.fnUntraced(function*(input: {
  readonly server: Option.Option<string>
  readonly token: Option.Option<Redacted.Redacted>
  readonly workspace: Option.Option<string>
  readonly json: boolean
}) {
  const url = yield* chooseServer(input.server)
  const to = { url, token: yield* askToken(input.token, input.json), workspace: undefined, tokenFrom: "login" }
  const muster = yield* musterApi(to)
  const user = yield* muster.access.me().pipe(call(to))
  const workspaces = yield* muster.access.workspaces().pipe(call(to))
  const chosen = yield* chooseWorkspace(workspaces, input.workspace)
  const file = yield* saveProfile({
    server_url: url,
    token: to.token,
    ...(chosen === undefined ? {} : { workspace: chosen.id })
  })
  if (input.json) {
    return yield* Console.log(jsonText({
      server_url: url,
      user,
      workspace: chosen?.id ?? null,
      workspaces: workspaces.map(({ id, name, slug }) => ({ id, name, slug })),
      profile_file: file
    }))
  }
  yield* Console.log([
    `Signed in to ${url} as ${printable(user.name)} (${printable(user.email)}); saved in ${yield* shortened(file)}`,
    workspaces.length === 0 ? "You are in no workspace yet: ask an admin there to add you to one." : "Workspaces:",
    ...list(workspaces, chosen)
  ].join("\n"))
}, Effect.provide(FetchHttpClient.layer))

import { Clock, Console, Effect, Option } from "effect"
import * as FileSystem from "effect/FileSystem"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { musterClient } from "../api/MusterClient.ts"
import { Failure } from "../failure/Failure.ts"
import { table } from "../output/Table.ts"
import { indent, jsonText, printable } from "../output/Text.ts"
import { connection } from "../profile/Connection.ts"
import { shortened } from "../profile/Home.ts"
import { profileFile, readProfile } from "../profile/Profile.ts"

/** `muster whoami`: the server, the person, the token and the workspace that commands use. */
export const whoami = Effect.fn("whoami")(function*({ json }: { readonly json: boolean }) {
  const to = yield* connection
  const muster = yield* musterClient(to)
  const person = yield* muster.access.me().pipe(call(to))
  const all = yield* muster.access.workspaces().pipe(call(to))
  const current = all.find(({ id, slug }) => id === to.workspace || slug === to.workspace) ??
    (all.length === 1 ? all[0] : undefined)
  const role = current === undefined ? undefined : (yield* muster.workspaces.members({
    params: { workspaceId: current.id }
  }).pipe(call(to))).find(({ userId }) => userId === person.id)?.role
  const { expiresAt = null, scopes = [] } = person.token ?? {}
  if (json) {
    return yield* Console.log(jsonText({
      server_url: to.url,
      user: { id: person.id, name: person.name, email: person.email },
      token: { from: to.tokenFrom, scopes, expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString() },
      workspace: current === undefined
        ? null
        : { id: current.id, slug: current.slug, name: current.name, role: role ?? null }
    }))
  }
  const now = yield* Clock.currentTimeMillis
  const end = expiresAt === null
    ? "does not expire"
    : expiresAt > now
    ? `until ${new Date(expiresAt).toISOString()}`
    : "expired"
  yield* Console.log(`${printable(person.name)} (${printable(person.email)})`)
  yield* Console.log(indent(table(["server", to.url], [
    [
      "workspace",
      current === undefined ? "none" : `${printable(current.name)} (${printable(current.slug)}), ${role ?? "member"}`
    ],
    ["token", `from ${to.tokenFrom}, ${scopes.length === 0 ? "" : `for ${scopes.join(", ")}, `}${end}`]
  ])))
}, Effect.provide(FetchHttpClient.layer))

/** `muster logout`: removes the profile. The token remains valid until it is revoked. */
export const logout = Effect.fn("logout")(function*({ json }: { readonly json: boolean }) {
  const file = yield* profileFile
  const files = yield* FileSystem.FileSystem
  const saved = yield* Effect.orElseSucceed(readProfile, () => Option.none())
  const existed = yield* files.exists(file).pipe(Effect.orElseSucceed(() => false))
  yield* files.remove(file, { force: true }).pipe(
    Effect.mapError(() =>
      new Failure({
        class: "other",
        code: "profile_not_removed",
        sentence: `the profile ${file} cannot be removed`,
        next: "check that you own the file and its folder"
      })
    )
  )
  if (json) return yield* Console.log(jsonText({ profile_file: file, removed: existed }))
  if (!existed) return yield* Console.log("You were not signed in")
  const server = Option.isSome(saved) ? ` of ${saved.value.server_url}` : ""
  yield* Console.log(
    `Signed out${server}: ${yield* shortened(file)} was removed.\n` +
      "The token remains valid. To end it, revoke it in the console's settings or with muster token revoke."
  )
})

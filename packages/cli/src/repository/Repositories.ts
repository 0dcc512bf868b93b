import { Api, Repository } from "@muster/domain"
import { Clock, Console, Effect, type Option, Result, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { Failure } from "../failure/Failure.ts"
import { printTable } from "../output/Table.ts"
import { ago, jsonText, printable } from "../output/Text.ts"
import { openWorkspace } from "../people/Workspaces.ts"

interface Input {
  readonly workspace: Option.Option<string>
  readonly json: boolean
}

const listJson = Schema.encodeSync(Api.RepositoryList)
const recordJson = Schema.encodeSync(Api.RepositoryRecord)

/** `muster repos`: lists the repositories of the workspace. */
export const listRepositories = Effect.fn("listRepositories")(function*({ json, ...input }: Input) {
  const { connection, muster, workspace } = yield* openWorkspace(input.workspace)
  const list = yield* muster.repositories.list({ params: { workspaceId: workspace.id } }).pipe(call(connection))
  if (json) return yield* Console.log(jsonText(listJson(list)))
  if (list.repositories.length === 0) {
    return yield* Console.error(
      `Agents of ${printable(workspace.name)} may check out no repository.\nnext:  muster repos add URL`
    )
  }
  const now = yield* Clock.currentTimeMillis
  yield* printTable(
    ["URL", "ADDED BY", "ADDED"],
    list.repositories.map(({ addedAt, addedBy, url }) => [
      printable(url),
      printable(addedBy?.name ?? "–"),
      addedAt === null ? "–" : ago(addedAt, now)
    ])
  )
}, Effect.provide(FetchHttpClient.layer))

/** Fails at the first text that names no repository, before anything is written. */
const checked = (urls: ReadonlyArray<string>) =>
  Effect.forEach(urls, (url) =>
    Result.match(Repository.parseUrl(url), {
      onSuccess: () => Effect.succeed(url.trim()),
      onFailure: (why) =>
        Effect.fail(
          new Failure({
            class: "usage",
            code: "bad_url",
            sentence: `${urls.length === 1 ? "" : "nothing was added: "}${why}`,
            next: "use the URL that git clone takes: muster repos add https://git.example.org/team/project"
          })
        )
    }))

/** `muster repos add`: adds repositories, in their order. */
export const addRepositories = Effect.fn("addRepositories")(
  function*({ json, ...input }: Input & { readonly urls: ReadonlyArray<string> }) {
    const urls = yield* checked(input.urls)
    const { connection, muster, workspace } = yield* openWorkspace(input.workspace)
    const params = { workspaceId: workspace.id }
    const done = yield* Effect.forEach(
      urls,
      (url) => muster.repositories.add({ params, payload: { url } }).pipe(call(connection))
    )
    if (json) {
      const repositories = done.map(({ added, ...record }) => ({ ...recordJson(record), added }))
      return yield* Console.log(jsonText({ repositories }))
    }
    for (const { added, url } of done) {
      yield* Console.log(
        added
          ? `Agents of ${printable(workspace.name)} may check out ${printable(url)} now`
          : `${printable(url)} is on the list already`
      )
    }
  },
  Effect.provide(FetchHttpClient.layer)
)

/** `muster repos remove`: removes repositories, in their order. */
export const removeRepositories = Effect.fn("removeRepositories")(
  function*({ json, ...input }: Input & { readonly urls: ReadonlyArray<string> }) {
    const { connection, muster, workspace } = yield* openWorkspace(input.workspace)
    const params = { workspaceId: workspace.id }
    yield* Effect.forEach(
      input.urls,
      (url) => muster.repositories.remove({ params, query: { url } }).pipe(call(connection)),
      { discard: true }
    )
    if (json) return yield* Console.log(jsonText({ removed: input.urls }))
    for (const url of input.urls) {
      yield* Console.log(`Agents of ${printable(workspace.name)} may no longer check out ${printable(url)}`)
    }
  },
  Effect.provide(FetchHttpClient.layer)
)

const settingsJson = Schema.encodeSync(Api.SettingsRecord)

const onOff = (isOn: boolean) => isOn ? "on" : "off"

/** `muster workspaces settings`: shows the settings of the workspace, and changes those that are given. */
export const workspaceSettings = Effect.fn("workspaceSettings")(
  function*({ coAuthor, json, ...input }: Input & { readonly coAuthor: Option.Option<"on" | "off"> }) {
    const { connection, muster, workspace } = yield* openWorkspace(input.workspace)
    const { repositories } = muster
    const params = { workspaceId: workspace.id }
    const settings = yield* (
      coAuthor._tag === "None"
        ? repositories.settings({ params }).pipe(call(connection))
        : repositories.editSettings({ params, payload: { coAuthoredByEnabled: coAuthor.value === "on" } }).pipe(
          call(connection)
        )
    )
    if (json) return yield* Console.log(jsonText(settingsJson(settings)))
    yield* printTable(["SETTING", "VALUE", "MEANING"], [[
      "co-author",
      onOff(settings.coAuthoredByEnabled),
      "commits of agents name them as co-authors"
    ]])
  },
  Effect.provide(FetchHttpClient.layer)
)

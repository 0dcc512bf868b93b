import { Api, Workspace } from "@muster/domain"
import { Console, Effect, Option, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { findNamed } from "../api/findNamed.ts"
import { musterClient } from "../api/MusterClient.ts"
import { openSession } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { printTable } from "../output/Table.ts"
import { indent, jsonText, plural, printable } from "../output/Text.ts"
import { connection } from "../profile/Connection.ts"
import { readProfile, saveProfile } from "../profile/Profile.ts"

type Record = typeof Api.WorkspaceRecord.Type

const workspaceJson = Schema.encodeSync(Api.WorkspaceRecord)
const contentsJson = Schema.encodeSync(Api.WorkspaceContentsRecord)

const kind = { word: "workspace", list: "muster workspaces", alias: ({ slug }: Record) => slug } as const

/** Opens the workspace that a person names by id or slug, or the current one, with its record. */
export const openWorkspace = Effect.fnUntraced(function*(asked: Option.Option<string>) {
  const session = yield* openSession(asked)
  const all = yield* session.muster.access.workspaces().pipe(call(session.connection))
  return { ...session, workspace: yield* findNamed(kind, all, session.workspace) }
})

/** A client without a workspace, and the person's workspaces. */
const open = Effect.gen(function*() {
  const to = yield* connection
  const muster = yield* musterClient(to)
  return { to, muster, all: yield* muster.access.workspaces().pipe(call(to)) }
})

/** Saves the workspace that later commands use; undefined: the person's only one. */
const keep = Effect.fnUntraced(function*(id: string | undefined) {
  const saved = yield* readProfile
  if (Option.isNone(saved)) return
  const { workspace: _, ...rest } = saved.value
  yield* saveProfile({ ...rest, ...(id === undefined ? {} : { workspace: id }) })
})

/** Removes a workspace that the person is no longer in from the profile. */
const forget = Effect.fnUntraced(function*({ id, slug }: Record) {
  const saved = yield* Effect.orElseSucceed(readProfile, () => Option.none())
  const kept = Option.getOrUndefined(saved)?.workspace
  if (kept === id || kept === slug) yield* keep(undefined)
})

/** `muster workspaces`: lists the person's workspaces. */
export const listWorkspaces = Effect.fn("listWorkspaces")(function*({ json }: { readonly json: boolean }) {
  const { all, to } = yield* open
  if (json) return yield* Console.log(jsonText({ workspaces: all.map((one) => workspaceJson(one)) }))
  if (all.length === 0) {
    return yield* Console.error(
      "You are not a member of a workspace.\nnext:  open an invitation link, or create one: muster workspaces create"
    )
  }
  yield* printTable(
    [" ", "SLUG", "NAME", "ID"],
    all.map(({ id, name, slug }) => [
      to.workspace === id || to.workspace === slug || all.length === 1 ? "*" : " ",
      printable(slug),
      printable(name),
      id
    ])
  )
}, Effect.provide(FetchHttpClient.layer))

/** `muster workspaces create`: creates a workspace; later commands use it. */
export const createWorkspace = Effect.fn("createWorkspace")(
  function*(input: { readonly name: string; readonly slug: Option.Option<string>; readonly json: boolean }) {
    const { muster, to } = yield* open
    const slug = Option.getOrElse(input.slug, () => Workspace.slugOf(input.name))
    const made = yield* muster.access.createWorkspace({ payload: { name: input.name, slug } }).pipe(call(to))
    yield* keep(made.id)
    if (input.json) return yield* Console.log(jsonText(workspaceJson(made)))
    yield* Console.log(`Created the workspace ${printable(made.name)} (${printable(made.slug)}); commands use it now`)
  },
  Effect.provide(FetchHttpClient.layer)
)

/** `muster workspaces switch`: chooses the workspace that later commands use. */
export const switchWorkspace = Effect.fn("switchWorkspace")(
  function*(input: { readonly workspace: string; readonly json: boolean }) {
    const { all, to } = yield* open
    const found = yield* findNamed(kind, all, input.workspace)
    if (to.tokenFrom === "MUSTER_TOKEN") {
      return yield* new Failure({
        class: "usage",
        code: "no_profile",
        sentence: "there is no profile to save the workspace in, since MUSTER_TOKEN is set",
        next: `name it in each command: --workspace ${printable(found.slug)}`
      })
    }
    yield* keep(found.id)
    if (input.json) return yield* Console.log(jsonText(workspaceJson(found)))
    yield* Console.log(`Commands use the workspace ${printable(found.name)} (${printable(found.slug)}) now`)
  },
  Effect.provide(FetchHttpClient.layer)
)

/** `muster workspaces rename`: changes the name and the slug. */
export const renameWorkspace = Effect.fn("renameWorkspace")(
  function*(input: {
    readonly name: string
    readonly slug: Option.Option<string>
    readonly workspace: Option.Option<string>
    readonly json: boolean
  }) {
    const { connection, muster, workspace } = yield* openWorkspace(input.workspace)
    const changed = yield* muster.workspaces.edit({
      params: { workspaceId: workspace.id },
      payload: {
        name: input.name,
        ...Option.match(input.slug, { onNone: () => ({}), onSome: (slug) => ({ slug }) })
      }
    }).pipe(call(connection))
    if (input.json) return yield* Console.log(jsonText(workspaceJson(changed)))
    yield* Console.log(`The workspace is now called ${printable(changed.name)} (${printable(changed.slug)})`)
  },
  Effect.provide(FetchHttpClient.layer)
)

/** `muster workspaces leave`: ends the person's own membership. */
export const leaveWorkspace = Effect.fn("leaveWorkspace")(
  function*(input: { readonly workspace: Option.Option<string>; readonly json: boolean }) {
    const { connection, muster, workspace } = yield* openWorkspace(input.workspace)
    yield* muster.workspaces.leave({ params: { workspaceId: workspace.id } }).pipe(call(connection))
    yield* forget(workspace)
    if (input.json) return yield* Console.log(jsonText({ left: workspaceJson(workspace) }))
    yield* Console.log(
      `You are no longer a member of ${printable(workspace.name)}; your runtimes and machines leave it`
    )
  },
  Effect.provide(FetchHttpClient.layer)
)

/** A deletion removes many rows: the server takes up to 30 s. */
const deletionTimeout = "40 seconds"

/** What a deletion loses, in the order of the list. */
const lost = [
  ["members", "member"],
  ["invitations", "invitation"],
  ["runtimes", "runtime"],
  ["machines", "machine"],
  ["daemonTokens", "daemon token"],
  ["skills", "skill"],
  ["requests", "journal entry"]
] as const

const countOf = (count: number, noun: string) =>
  noun === "journal entry" && count !== 1 ? `${count} journal entries` : plural(count, noun)

/** `muster workspaces delete`: lists what will be lost; deletes it only if `confirm` is the workspace's slug. */
export const deleteWorkspace = Effect.fn("deleteWorkspace")(
  function*(input: { readonly workspace: string; readonly confirm: Option.Option<string>; readonly json: boolean }) {
    const { all, muster, to } = yield* open
    const workspace = yield* findNamed(kind, all, input.workspace)
    const params = { workspaceId: workspace.id }
    const contents = yield* muster.workspaces.contents({ params }).pipe(call(to))
    if (Option.getOrUndefined(input.confirm) !== workspace.slug) {
      const lines = lost.filter(([key]) => contents[key] > 0).map(([key, noun]) => countOf(contents[key], noun))
      if (!input.json) {
        yield* Console.error(`${printable(workspace.name)} would be deleted with:\n${indent(lines.join("\n"))}`)
      }
      return yield* new Failure({
        class: "usage",
        code: "not_confirmed",
        sentence: "nothing was deleted: a deletion cannot be undone and needs the workspace's slug as confirmation",
        next: `muster workspaces delete ${printable(workspace.slug)} --confirm ${printable(workspace.slug)}`,
        details: { contents: contentsJson(contents) }
      })
    }
    yield* muster.workspaces.remove({ params, query: { confirm: workspace.slug } }).pipe(call(to, deletionTimeout))
    yield* forget(workspace)
    if (input.json) {
      return yield* Console.log(jsonText({ deleted: workspaceJson(workspace), contents: contentsJson(contents) }))
    }
    yield* Console.log(`Deleted the workspace ${printable(workspace.name)} and everything in it`)
  },
  Effect.provide(FetchHttpClient.layer)
)

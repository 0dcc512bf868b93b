import { Effect, Option } from "effect"
import { Failure } from "../failure/Failure.ts"
import { printable } from "../output/Text.ts"
import { type Connection, connection } from "../profile/Connection.ts"
import { call } from "./Call.ts"
import { type MusterClient, musterClient } from "./MusterClient.ts"

/** A client for one workspace and the connection that it uses. */
export interface Session {
  readonly muster: MusterClient
  readonly connection: Connection
  /** Id or slug, as the person gave it. */
  readonly workspace: string
}

/** Returns the caller's only workspace. Fails if there is none, or several. */
const onlyWorkspace = Effect.fnUntraced(function*(to: Connection) {
  const muster = yield* musterClient(to)
  const [first, ...others] = yield* muster.access.workspaces().pipe(call(to))
  if (first === undefined) {
    return yield* new Failure({
      class: "notFound",
      code: "no_workspace",
      sentence: `you are not a member of any workspace of the server at ${to.url}`,
      next: "create one (muster workspaces create NAME), or ask an admin of one for an invitation"
    })
  }
  if (others.length === 0) return first.id
  return yield* new Failure({
    class: "usage",
    code: "workspace_not_chosen",
    sentence: `you are in ${others.length + 1} workspaces: ${
      [first, ...others].map(({ slug }) => printable(slug)).join(", ")
    }`,
    next: `choose one: --workspace ${printable(first.slug)}, or save it: muster workspaces switch ${
      printable(first.slug)
    }`
  })
})

/** Opens a session in the requested workspace, else in the profile's, else in the caller's only one. */
export const openSession = Effect.fn("openSession")(function*(asked: Option.Option<string>) {
  const to = yield* connection
  const workspace = Option.getOrUndefined(asked) ?? to.workspace ?? (yield* onlyWorkspace(to))
  const session: Session = { muster: yield* musterClient(to, workspace), connection: to, workspace }
  return session
})

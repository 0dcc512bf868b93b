import { Identity, Request, type RequestJournal, type Runtime } from "@muster/domain"
import { Effect } from "effect"
import type { NotesBackend, NotesNode } from "./NotesBackend.ts"

/** A request by its number: the higher, the later. */
export const idOf = (n: number) => Request.RequestId.make(n.toString(16).padStart(32, "0"))

/** Runtimes of the workspace, one for each provider. */
export const runtimes = (node: NotesNode, workspaceId: Identity.WorkspaceId, ...providers: ReadonlyArray<string>) =>
  node.registry.register({
    workspaceId,
    daemonId: Identity.DaemonId.make("box"),
    legacyDaemonIds: [],
    timezone: "UTC",
    owner: null,
    runtimes: providers.map((provider) => ({
      provider,
      name: provider,
      status: "online" as const,
      deviceInfo: "box",
      metadata: { version: "1.0.0", cli_version: "0.3.1", launched_by: "" }
    }))
  }).pipe(Effect.map((registered) => registered.runtimes), Effect.orDie)

/** Two nodes with a workspace and one runtime in it. */
export const notesScene = Effect.fnUntraced(function*(backend: NotesBackend) {
  const nodes = yield* backend.nodes
  const user = yield* nodes.a.access.ensureUser("ada@example.org", "Ada")
  const workspace = (slug: string) =>
    Effect.orDie(nodes.a.access.createWorkspace({
      name: slug,
      slug,
      description: null,
      context: null,
      issuePrefix: "T",
      owner: user.id
    }))
  const home = (yield* workspace("home")).id
  const [codex] = yield* runtimes(nodes.a, home, "codex")
  return { ...nodes, user, home, workspace, codex: codex!.id }
})

/** A note that request `n` was made, at `n` ms. */
export const noteOf = (
  n: number,
  workspaceId: Identity.WorkspaceId,
  runtimeId: Runtime.RuntimeId,
  more: Partial<RequestJournal.JournalEntry> = {}
): RequestJournal.JournalEntry => ({
  id: idOf(n),
  workspaceId,
  runtimeId,
  kind: "model_list",
  by: null,
  createdAt: n,
  runtimeName: null,
  createdOn: null,
  deliveries: [],
  end: null,
  ...more
})

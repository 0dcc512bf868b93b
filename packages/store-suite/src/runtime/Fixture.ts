import {
  type Access,
  Identity,
  LivenessPolicy,
  type Registration,
  type Runtime,
  type RuntimeRegistry,
  type Workspace
} from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { StoreBackend, StoreNode } from "./StoreBackend.ts"

/** The start time of every test, in epoch ms: so large that it does not fit 32 bits. */
export const start = 1_800_000_000_000

export const minute = 60_000
export const day = 24 * 60 * minute

const workspaceNamed = (slug: string, owner: Identity.UserId): Access.NewWorkspace => ({
  name: slug.toUpperCase(),
  slug,
  description: null,
  context: null,
  issuePrefix: "MUS",
  owner
})

export const makeWorkspace = (node: StoreNode, slug: string, owner: Identity.UserId) =>
  Effect.orDie(node.access.createWorkspace(workspaceNamed(slug, owner)))

/** Two nodes of an empty backend, a person and their workspace, at `start`. */
export const scene = Effect.fnUntraced(function*(backend: StoreBackend) {
  yield* TestClock.setTime(start)
  const nodes = yield* backend.nodes
  const user = yield* nodes.a.access.ensureUser("ada@example.org", "Ada")
  const workspace = yield* makeWorkspace(nodes.a, "acme", user.id)
  return { ...nodes, user, workspace }
})

/** The same without automatic writes: for tests in which weeks pass. */
export const quietScene = (backend: StoreBackend) =>
  Effect.provideService(scene(backend), LivenessPolicy.LivenessPolicy, {
    ...LivenessPolicy.defaultIntervals,
    flushEvery: 365 * day
  })

/** One CLI of a registration. */
export const cli = (
  provider: string,
  more: Partial<Registration.RegisteredRuntime> = {}
): Registration.RegisteredRuntime => ({
  provider,
  name: `${provider} (box)`,
  status: "online",
  deviceInfo: "box · 1.0.0",
  metadata: { version: "1.0.0", cli_version: "0.3.1", launched_by: "" },
  ...more
})

export const registration = (
  workspace: Workspace.Workspace | Identity.WorkspaceId,
  providers: ReadonlyArray<string | Registration.RegisteredRuntime>,
  more: Partial<Registration.Registration> = {}
): Registration.Registration => ({
  workspaceId: typeof workspace === "string" ? workspace : workspace.id,
  daemonId: Identity.DaemonId.make("box"),
  legacyDaemonIds: [],
  timezone: "Europe/Berlin",
  owner: null,
  runtimes: providers.map((provider) => typeof provider === "string" ? cli(provider) : provider),
  ...more
})

/** Registers these CLIs of one daemon; returns their rows. */
export const register = (node: StoreNode, ...args: Parameters<typeof registration>) =>
  node.registry.register(registration(...args)).pipe(Effect.map(({ runtimes }) => runtimes), Effect.orDie)

/** Registers one CLI and returns its row. */
export const registerOne = (
  node: StoreNode,
  workspace: Workspace.Workspace,
  more: Partial<Registration.Registration> = {}
) => Effect.map(register(node, workspace, ["codex"], more), ([runtime]) => runtime!)

/** A row that must exist. */
export const look = (node: StoreNode, id: Runtime.RuntimeId): Effect.Effect<Runtime.Runtime> =>
  node.registry.find(id).pipe(
    Effect.orDie,
    Effect.flatMap((found: RuntimeRegistry.Lookup) =>
      found._tag === "Found" ? Effect.succeed(found.runtime) : Effect.die(`${id} is gone: ${found.reason}`)
    )
  )

export const idsOf = (rows: ReadonlyArray<{ readonly id: string }>): ReadonlyArray<string> => rows.map(({ id }) => id)

/** The same in an order that does not depend on the backend. */
export const sortedIds = (rows: ReadonlyArray<{ readonly id: string }>): ReadonlyArray<string> => idsOf(rows).toSorted()

export const together = <A, E, R>(effects: ReadonlyArray<Effect.Effect<A, E, R>>) =>
  Effect.all(effects, { concurrency: "unbounded" })

import { Identity, Machine, type Machines, type Workspace } from "@muster/domain"
import { Effect } from "effect"
import { hashOf } from "../access/Fixture.ts"
import { day, minute, scene, start } from "../runtime/Fixture.ts"
import type { StoreBackend, StoreNode } from "../runtime/StoreBackend.ts"

export const labels = (...texts: ReadonlyArray<string>) => texts.map((text) => Machine.Label.make(text))

/** Two nodes, Ada's workspace, and what she does with machines there. */
export const machineScene = Effect.fnUntraced(function*(backend: StoreBackend) {
  const world = yield* scene(backend)
  return { ...world, ...machinesOf(world.user, world.workspace) }
})

/** Adds a machine for this person in this workspace; the secrets have numbers, see `hashOf`. */
export const machinesOf = (user: Identity.User, workspace: Workspace.Workspace) => ({
  newMachine: (n: number, more: Partial<Machines.NewMachine> = {}): Machines.NewMachine => ({
    ownerId: user.id,
    workspaceId: workspace.id,
    name: "",
    labels: [],
    tokenHash: hashOf(n),
    expiresAt: start + 60 * minute,
    ...more
  }),
  newKey: (n: number, more: Partial<Machines.NewJoinKey> = {}): Machines.NewJoinKey => ({
    ownerId: user.id,
    workspaceId: workspace.id,
    name: "ci",
    hash: hashOf(n),
    prefix: "mjk_00112233",
    labels: [],
    ephemeral: false,
    maxUses: null,
    expiresAt: start + 30 * day,
    ...more
  })
})

/** A join with the secret of this number; the credential's number is 1,000 more. */
export const joinWith = (n: number, more: Partial<Machines.Join> = {}): Machines.Join => ({
  secret: hashOf(n),
  daemonId: Identity.DaemonId.make("box"),
  name: "box.local",
  deviceInfo: "Linux",
  fingerprint: "f".repeat(64),
  credential: hashOf(1_000 + n),
  expiresAt: start + 30 * day,
  ...more
})

/** Adds a machine and lets it join. */
export const joinedMachine = (node: StoreNode, input: Machines.NewMachine, join: Machines.Join) =>
  Effect.orDie(Effect.andThen(node.machines.add(input), node.machines.join(join)))

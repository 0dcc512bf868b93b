import { Identity, Invitation, Join, type Machines, type Membership, type Runtime, Scope, Token } from "@muster/domain"
import { Clock, Effect } from "effect"
import { hashToken } from "../../src/access/Authenticator.ts"
import type { Stores } from "./Stores.ts"

export interface Person {
  readonly id: Identity.UserId
  readonly token: string
}

/** Makes people, workspaces, credentials and runtimes directly in the stores. */
export const settle = ({ access, machines, membership, registry }: Stores) => {
  const tokenOf = (
    userId: Identity.UserId,
    expiresAt: number | null = null,
    madeWith: Identity.TokenId | null = null,
    scopes: ReadonlyArray<Scope.Scope> = Scope.all
  ) =>
    Effect.gen(function*() {
      const secret = yield* Token.generate("user")
      const { id } = yield* access.createToken({
        userId,
        purpose: "api",
        madeWith,
        name: "test",
        scopes,
        hash: hashToken(secret),
        prefix: Token.prefixOf(secret),
        expiresAt
      })
      return { id, secret }
    }).pipe(Effect.orDie)

  const person = (name: string): Effect.Effect<Person> =>
    Effect.gen(function*() {
      const { id } = yield* access.ensureUser(`${name}@example.com`, name)
      return { id, token: (yield* tokenOf(id)).secret }
    }).pipe(Effect.orDie)

  const workspace = (slug: string, owner: Person) =>
    Effect.orDie(access.createWorkspace({
      name: slug,
      slug,
      description: null,
      context: null,
      issuePrefix: "T",
      owner: owner.id
    }))

  const member = (user: Person, workspaceId: Identity.WorkspaceId, role: Identity.Role) =>
    Effect.orDie(access.setMember(user.id, workspaceId, role))

  const daemonToken = (workspaceId: Identity.WorkspaceId, daemonId: string, expiresAt = Infinity) =>
    Effect.gen(function*() {
      const secret = yield* Token.generate("daemon")
      const hash = hashToken(secret)
      yield* access.createDaemonToken({ workspaceId, daemonId: Identity.DaemonId.make(daemonId), hash, expiresAt })
      return secret
    }).pipe(Effect.orDie)

  /** A machine of this person that joined the workspace, and its credential. */
  const machine = (
    workspaceId: Identity.WorkspaceId,
    owner: Person,
    daemon: string,
    more: Partial<Machines.Join> = {}
  ) =>
    Effect.gen(function*() {
      const secret = hashToken(yield* Join.generate("token"))
      const credential = yield* Token.generate("daemon")
      const expiresAt = (yield* Clock.currentTimeMillis) + Join.credentialLifetime
      const waiting = { ownerId: owner.id, workspaceId, name: "", labels: [], tokenHash: secret, expiresAt }
      yield* machines.add(waiting)
      const { id } = yield* machines.join({
        secret,
        daemonId: Identity.DaemonId.make(daemon),
        name: daemon,
        deviceInfo: "Linux",
        fingerprint: null,
        credential: hashToken(credential),
        expiresAt,
        ...more
      })
      return { id, credential }
    }).pipe(Effect.orDie)

  /** A key of this person by which machines join the workspace. */
  const joinKey = (workspaceId: Identity.WorkspaceId, owner: Person, more: Partial<Machines.NewJoinKey> = {}) =>
    Effect.gen(function*() {
      const secret = yield* Join.generate("key")
      const key = yield* machines.createKey({
        workspaceId,
        ownerId: owner.id,
        name: "ci",
        hash: hashToken(secret),
        prefix: Token.prefixOf(secret),
        labels: [],
        ephemeral: false,
        maxUses: null,
        expiresAt: (yield* Clock.currentTimeMillis) + Join.credentialLifetime,
        ...more
      })
      return { id: key.id, secret }
    }).pipe(Effect.orDie)

  /** An invitation by this person, with its link's secret. */
  const invitation = (
    workspaceId: Identity.WorkspaceId,
    by: Person,
    more: Partial<Membership.NewInvitation> = {}
  ) =>
    Effect.gen(function*() {
      const secret = yield* Invitation.generateSecret
      const expiresAt = (yield* Clock.currentTimeMillis) + Invitation.days.default * 24 * 60 * 60 * 1000
      const { id } = yield* membership.invite({
        workspaceId,
        by: by.id,
        role: "member",
        email: null,
        hash: hashToken(secret),
        expiresAt,
        ...more
      })
      return { id, secret }
    }).pipe(Effect.orDie)

  const runtime = (workspaceId: Identity.WorkspaceId, options: {
    readonly daemon?: string
    readonly provider?: string
    readonly owner?: Identity.UserId | null
    readonly status?: Runtime.Runtime["status"]
  } = {}) =>
    registry.register({
      workspaceId,
      daemonId: Identity.DaemonId.make(options.daemon ?? "daemon-1"),
      legacyDaemonIds: [],
      timezone: "UTC",
      owner: options.owner ?? null,
      runtimes: [{
        provider: options.provider ?? "codex",
        name: "Codex (box)",
        status: options.status ?? "online",
        deviceInfo: "box",
        metadata: { version: "1.0.0", cli_version: "0.3.1", launched_by: "" }
      }]
    }).pipe(Effect.map(({ runtimes }) => runtimes[0]!), Effect.orDie)

  return { tokenOf, person, workspace, member, daemonToken, machine, joinKey, invitation, runtime }
}

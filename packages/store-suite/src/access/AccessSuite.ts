import { describe, it } from "@effect/vitest"
import { Identity } from "@muster/domain"
import { Effect } from "effect"
import { scene } from "../runtime/Fixture.ts"
import { allUnavailable } from "../runtime/Outage.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"
import { accountTests } from "./Accounts.ts"
import { hashOf, newToken } from "./Fixture.ts"
import { lineageTests } from "./Lineage.ts"
import { scopeTests } from "./Scopes.ts"
import { tokenTests } from "./Tokens.ts"
import { workspaceTests } from "./Workspaces.ts"

const token = Identity.TokenId.make("00000000-0000-4000-8000-000000000000")

/** With a dead store every call is unavailable: it neither refuses nor returns absence. */
const outage = (backend: StoreBackend): void => {
  it.effect("with the backend down every call is unavailable, never absent and never empty", () =>
    Effect.gen(function*() {
      const { a, b, outage, user, workspace } = yield* scene(backend)
      yield* a.access.createToken(newToken(user.id, 1))
      yield* b.access.authenticate(hashOf(1))
      yield* outage
      const daemon = {
        workspaceId: workspace.id,
        daemonId: Identity.DaemonId.make("box"),
        hash: hashOf(3),
        expiresAt: 1
      }
      const taken = { name: "A", slug: "acme", description: null, context: null, issuePrefix: "A", owner: user.id }
      for (const { access } of [a, b]) {
        yield* allUnavailable([
          access.authenticate(hashOf(1)),
          access.createToken(newToken(user.id, 2)),
          access.ended([hashOf(1)]),
          access.listTokens(user.id),
          access.revokeToken(user.id, token),
          access.renewToken(user.id, token, 1),
          access.redeemToken(hashOf(1)),
          access.touchTokens([hashOf(1)], 0),
          access.createDaemonToken(daemon),
          access.ensureUser("bob@example.org", "Bob"),
          access.user(user.id),
          access.userOfAccount({ issuer: "i", subject: "s" }),
          access.linkAccount({ issuer: "i", subject: "s" }, { email: "bob@example.org", name: "Bob", joins: null }),
          access.connectAccount({ issuer: "i", subject: "s" }, user.id),
          access.createWorkspace(taken),
          access.workspace(workspace.id),
          access.workspaceBySlug("acme"),
          access.workspacesOf(user.id),
          access.roleOf(user.id, workspace.id),
          access.membersOf(workspace.id),
          access.setMember(user.id, workspace.id, "member")
        ])
      }
    }))
}

/** What every Access does, on two nodes of one backend. */
export const accessSuite = (backend: StoreBackend): void => {
  describe(`access · ${backend.name}`, () => {
    tokenTests(backend)
    lineageTests(backend)
    scopeTests(backend)
    workspaceTests(backend)
    accountTests(backend)
    outage(backend)
  })
}

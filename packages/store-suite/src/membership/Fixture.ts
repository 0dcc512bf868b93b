import { type Identity, type Membership } from "@muster/domain"
import { Effect, Option } from "effect"
import { hashOf } from "../access/Fixture.ts"
import { day, scene, start } from "../runtime/Fixture.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"

export const roles: ReadonlyArray<Identity.Role> = ["owner", "admin", "member"]

/** Two nodes, Ada who owns a workspace, and ways to make people, members and invitations. */
export const peopleScene = Effect.fnUntraced(function*(backend: StoreBackend) {
  const { user: ada, ...nodes } = yield* scene(backend)
  const { a, b, workspace } = nodes
  const place = { workspaceId: workspace.id }
  const person = (name: string) => Effect.orDie(a.access.ensureUser(`${name}@example.org`, name))
  const member = Effect.fnUntraced(function*(name: string, role: Identity.Role) {
    const user = yield* person(name)
    yield* Effect.orDie(a.access.setMember(user.id, workspace.id, role))
    return user
  })
  const roleOf = (user: Identity.UserId) =>
    Effect.map(Effect.orDie(b.access.roleOf(user, workspace.id)), Option.getOrNull)
  /** By Ada, with the secret of this number. */
  const invitation = (n: number, more: Partial<Membership.NewInvitation> = {}): Membership.NewInvitation => ({
    ...place,
    by: ada.id,
    role: "member",
    email: null,
    hash: hashOf(n),
    expiresAt: start + 7 * day,
    ...more
  })
  return { ...nodes, ada, place, person, member, roleOf, invitation }
})

/** A person without an account; their token has this number. */
export const newcomer = (n: number, more: Partial<Membership.Newcomer> = {}): Membership.Newcomer => ({
  name: `Newcomer ${n}`,
  email: `new${n}@example.org`,
  token: { purpose: "api", name: "laptop", hash: hashOf(1_000 + n), prefix: "mul_00112233", expiresAt: null },
  ...more
})

/** The reason of a refusal; a success is a defect. */
export const reasonOf = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<string> =>
  Effect.map(
    Effect.orDie(Effect.flip(effect)),
    (error) => typeof error === "object" && error !== null && "reason" in error ? String(error.reason) : String(error)
  )

/** The reasons of those that failed, and how many did not. */
export const outcomes = Effect.fnUntraced(function*<A, E>(effects: ReadonlyArray<Effect.Effect<A, E>>) {
  const found = yield* Effect.all(
    effects.map((effect) => Effect.match(effect, { onSuccess: () => "done", onFailure: reasonIn })),
    { concurrency: "unbounded" }
  )
  return found.toSorted()
})

const reasonIn = (error: unknown) =>
  typeof error === "object" && error !== null && "reason" in error ? String(error.reason) : "unexpected"

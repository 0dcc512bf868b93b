import { Access, type Identity, type Store, Token, Workspace } from "@muster/domain"
import { Effect, FileSystem, Option, Path, Redacted } from "effect"
import { hashToken } from "../access/Authenticator.ts"
import { StartupFailure } from "../data/StartupFailure.ts"

const ownerEmail = "owner@localhost"

interface OwnerToken {
  readonly userId: Identity.UserId
  readonly tokenId: Identity.TokenId
  readonly token: Redacted.Redacted<string>
  readonly tokenFile: string
  readonly workspaceId: Identity.WorkspaceId
}

const ensureWorkspace = Effect.fnUntraced(function*(owner: Identity.User) {
  const access = yield* Access.Access
  const mine = yield* access.workspacesOf(owner.id)
  const first = mine[0]
  if (first !== undefined) return first.id
  const workspace = { name: "Home", slug: "home" }
  if (Workspace.refuse(workspace.name, workspace.slug) !== undefined) return yield* Effect.die("the first workspace")
  return yield* access.createWorkspace({
    ...workspace,
    description: null,
    context: null,
    issuePrefix: "HOM",
    owner: owner.id
  }).pipe(
    Effect.map(({ id }) => id),
    // Another replica created the workspace first: use that one.
    Effect.catchTag(
      "SlugTaken",
      () =>
        Effect.flatMap(access.workspaceBySlug(workspace.slug), (found) =>
          Option.isSome(found)
            ? Effect.as(access.setMember(owner.id, found.value.id, "owner"), found.value.id)
            : Effect.die("a taken slug without a workspace"))
    )
  )
})

/**
 * Returns the owner of this installation: a user, a first workspace, and a token whose secret is in the file `token` of the
 * data folder (mode 0600). All three survive a restart; a deleted or invalid token is replaced.
 */
export const ensureOwner = Effect.fnUntraced(function*(folder: string): Effect.fn.Return<
  OwnerToken,
  StartupFailure | Store.StoreUnavailable,
  Access.Access | FileSystem.FileSystem | Path.Path
> {
  const access = yield* Access.Access
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const tokenFile = path.join(folder, "token")
  const user = yield* access.ensureUser(ownerEmail, "Owner")
  const workspaceId = yield* ensureWorkspace(user)

  const kept = (yield* fs.readFileString(tokenFile).pipe(Effect.orElseSucceed(() => ""))).trim()
  const known = Token.isWellFormed(kept) ? yield* access.authenticate(hashToken(kept)) : Option.none()
  if (Option.isSome(known) && known.value._tag === "User") {
    return { userId: user.id, tokenId: known.value.tokenId, token: Redacted.make(kept), tokenFile, workspaceId }
  }

  const secret = yield* Token.generate("user")
  const { id: tokenId } = yield* access.createToken({
    userId: user.id,
    purpose: "api",
    madeWith: null,
    name: "owner of this installation",
    hash: hashToken(secret),
    prefix: Token.prefixOf(secret),
    expiresAt: null
  }).pipe(Effect.catchTag("TokenRefused", Effect.die))
  const draft = `${tokenFile}.new`
  yield* fs.writeFileString(draft, `${secret}\n`, { mode: 0o600 }).pipe(
    Effect.andThen(fs.rename(draft, tokenFile)),
    Effect.mapError((error) =>
      new StartupFailure({ reason: "data_folder", sentence: `cannot write ${tokenFile}: ${error.message}` })
    )
  )
  return { userId: user.id, tokenId, token: Redacted.make(secret), tokenFile, workspaceId }
})

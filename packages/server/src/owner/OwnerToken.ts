import { Access, type Identity, type Store, Token } from "@muster/domain"
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

/** The slugs of a first workspace, in the order in which they are tried: other people may have taken some. */
const firstSlugs = ["home", ...Array.from({ length: 98 }, (_, n) => `home-${n + 2}`)]

const firstOf = (owner: Identity.UserId) =>
  Effect.flatMap(
    Access.Access,
    (access) => Effect.map(access.workspacesOf(owner), (mine) => Option.fromUndefinedOr(mine[0]?.id))
  )

/** Returns the owner's oldest workspace; makes one if there is none. */
const ensureWorkspace = Effect.fnUntraced(function*(owner: Identity.UserId) {
  const access = yield* Access.Access
  const workspace = { name: "Home", description: null, context: null, issuePrefix: "HOM", owner }
  for (const slug of firstSlugs) {
    // Looked at each time: another replica may have made it.
    const first = yield* firstOf(owner)
    if (Option.isSome(first)) return first.value
    const made = yield* access.createWorkspace({ ...workspace, slug }).pipe(
      Effect.map(Option.some),
      Effect.catchTag("SlugTaken", () => Effect.succeedNone)
    )
    if (Option.isSome(made)) return made.value.id
  }
  return yield* new StartupFailure({
    reason: "database",
    sentence: "the owner has no workspace, and home to home-99 are taken: rename one of them"
  })
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

  const kept = (yield* fs.readFileString(tokenFile).pipe(Effect.orElseSucceed(() => ""))).trim()
  const known = Token.isWellFormed(kept) ? yield* access.authenticate(hashToken(kept)) : Option.none()
  if (Option.isSome(known) && known.value._tag === "User") {
    // By the token and not by the e-mail, which the owner may have changed.
    const { tokenId, userId } = known.value
    return { userId, tokenId, token: Redacted.make(kept), tokenFile, workspaceId: yield* ensureWorkspace(userId) }
  }

  const user = yield* access.ensureUser(ownerEmail, "Owner")
  const workspaceId = yield* ensureWorkspace(user.id)
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

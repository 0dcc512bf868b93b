import { Access, type Identity, type Store, Token } from "@muster/domain"
import { Effect, FileSystem, Option, Path, Redacted } from "effect"
import { createHmac } from "node:crypto"
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

/** The shortest secret of which a token is derived, in characters. */
const minSecret = 32

/** Returns the owner's token that belongs to this secret: the same one on every replica, and after each start. */
const derived = Effect.fnUntraced(function*(secret: Redacted.Redacted) {
  const text = Redacted.value(secret)
  if (text.length < minSecret) {
    return yield* new StartupFailure({
      reason: "configuration",
      sentence:
        `MUSTER_OWNER_SECRET has ${text.length} characters, and at least ${minSecret} are needed: use a random text`
    })
  }
  return Token.derive("user", createHmac("sha256", text).update("the owner's token").digest("hex").slice(0, 32))
})

/** Returns whose token this is, if it is a person's. */
const personWith = (token: string) =>
  Effect.gen(function*() {
    const access = yield* Access.Access
    const known = Token.isWellFormed(token) ? yield* access.authenticate(hashToken(token)) : Option.none()
    return Option.filter(known, (found) => found._tag === "User")
  })

const revoked = new StartupFailure({
  reason: "configuration",
  sentence: "the owner's token of MUSTER_OWNER_SECRET was revoked: set another secret"
})

/** Adds the owner's token, or returns the one that another replica added meanwhile. */
const addToken = Effect.fnUntraced(function*(userId: Identity.UserId, secret: string, isDerived: boolean) {
  const access = yield* Access.Access
  return yield* access.createToken({
    userId,
    purpose: "api",
    madeWith: null,
    name: "owner of this installation",
    hash: hashToken(secret),
    prefix: Token.prefixOf(secret),
    expiresAt: null
  }).pipe(
    Effect.map(({ id }) => ({ userId, tokenId: id })),
    Effect.catchTag("TokenRefused", Effect.die),
    Effect.catchTag("StoreUnavailable", (error) =>
      Effect.flatMap(personWith(secret), (found) => {
        if (Option.isSome(found)) return Effect.succeed(found.value)
        return Effect.fail(isDerived && error.refused === true ? revoked : error)
      }))
  )
})

/** Writes the token for the person who starts the server. */
const writeToken = Effect.fnUntraced(function*(tokenFile: string, secret: string) {
  const fs = yield* FileSystem.FileSystem
  const draft = `${tokenFile}.new`
  yield* fs.writeFileString(draft, `${secret}\n`, { mode: 0o600 }).pipe(
    Effect.andThen(fs.rename(draft, tokenFile)),
    Effect.mapError((error) =>
      new StartupFailure({ reason: "data_folder", sentence: `cannot write ${tokenFile}: ${error.message}` })
    )
  )
})

/**
 * Returns the owner of this installation: a user, a first workspace, and a token whose secret is in the file `token` of the
 * data folder (mode 0600). All three survive a restart; a deleted or invalid token is replaced. With `secret`, the token is
 * derived from it, so that replicas whose data folders do not last have the same one.
 */
export const ensureOwner = Effect.fnUntraced(function*(
  folder: string,
  secret?: Redacted.Redacted
): Effect.fn.Return<
  OwnerToken,
  StartupFailure | Store.StoreUnavailable,
  Access.Access | FileSystem.FileSystem | Path.Path
> {
  const access = yield* Access.Access
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const tokenFile = path.join(folder, "token")

  const kept = (yield* fs.readFileString(tokenFile).pipe(Effect.orElseSucceed(() => ""))).trim()
  const wanted = secret === undefined ? kept : yield* derived(secret)
  const known = yield* personWith(wanted)
  const token = Option.isSome(known) || secret !== undefined ? wanted : yield* Token.generate("user")
  // By the token and not by the e-mail, which the owner may have changed.
  const { tokenId, userId } = Option.isSome(known)
    ? known.value
    : yield* addToken((yield* access.ensureUser(ownerEmail, "Owner")).id, token, secret !== undefined)
  const workspaceId = yield* ensureWorkspace(userId)
  if (token !== kept) yield* writeToken(tokenFile, token)
  return { userId, tokenId, token: Redacted.make(token), tokenFile, workspaceId }
})

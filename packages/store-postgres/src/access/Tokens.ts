import { Access, Identity, Scope, Store, StoreBounds, Token, Uuid } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { asOperation, asOperationNow } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"
import { bitsOf, ScopeBits } from "./ScopeBits.ts"

/** The maximum number of tokens in a list. */
const max = 1_000

const TokenRow = Schema.Struct({ ...Token.Token.fields, scopes: ScopeBits })
const tokens = rowsOf(TokenRow)
const renewals = rowsOf(Schema.Struct({ ...TokenRow.fields, hash: Token.TokenHash }))
const hashes = rowsOf(Schema.Struct({ hash: Token.TokenHash }))
const redeemed = rowsOf(Schema.Struct({
  userId: Identity.UserId,
  scopes: ScopeBits,
  parentId: Schema.NullOr(Identity.TokenId)
}))
const origins = rowsOf(Schema.Struct({
  valid: Schema.Boolean,
  scopes: ScopeBits,
  originId: Schema.NullOr(Identity.TokenId),
  lineage: Schema.Finite
}))
const Holder = Schema.Union([
  Schema.Struct({
    tokenId: Identity.TokenId,
    userId: Identity.UserId,
    purpose: Token.TokenPurpose,
    prefix: Schema.String,
    scopes: ScopeBits,
    expiresAt: Schema.NullOr(Schema.Finite),
    originId: Schema.NullOr(Identity.TokenId),
    originExpiresAt: Schema.NullOr(Schema.Finite)
  }),
  Schema.Struct({ workspaceId: Identity.WorkspaceId, daemonId: Identity.DaemonId })
])
const holders = rowsOf(Holder)

const credentialOf = (holder: typeof Holder.Type): Identity.Credential => {
  if (!("tokenId" in holder)) return { _tag: "Daemon", ...holder }
  const { originExpiresAt, originId, ...token } = holder
  return { _tag: "User", ...token, origin: originId === null ? null : { id: originId, expiresAt: originExpiresAt } }
}

/**
 * Whether a row of `tokens` is valid: checked with all its ancestors at each read, so that a token made while its
 * parent is revoked is not valid.
 */
const isValid = (sql: SqlClient.SqlClient, now: number) =>
  sql`(revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ${now}) AND NOT muster_is_revoked(parent_id))`

/** The scopes that a row of `tokens` and all its ancestors have. */
const lineScopes = (sql: SqlClient.SqlClient) =>
  sql`(SELECT bit_and(line.scopes) FROM muster_token_line(tokens.id) AS line)`

const authenticate = (sql: SqlClient.SqlClient, hash: Token.TokenHash, now: number) =>
  Effect.map(
    holders.first(sql`
      SELECT token_id, user_id, purpose, prefix, scopes, held.expires_at, origin.id AS origin_id,
        origin.expires_at AS origin_expires_at, NULL::uuid AS workspace_id, NULL AS daemon_id
      FROM (
        SELECT id AS token_id, user_id, purpose, prefix, ${lineScopes(sql)} AS scopes, expires_at,
          CASE WHEN purpose = 'session' THEN parent_id ELSE id END AS source
        FROM tokens
        WHERE hash = ${hash} AND ${isValid(sql, now)}
      ) AS held LEFT JOIN LATERAL (SELECT id, expires_at FROM tokens WHERE id = held.source) AS origin ON true
      UNION ALL
      SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, workspace_id, daemon_id
      FROM daemon_tokens
      WHERE hash = ${hash} AND expires_at > ${now}
      LIMIT 1`),
    Option.map(credentialOf)
  )

const ended = (sql: SqlClient.SqlClient, asked: ReadonlyArray<Token.TokenHash>, now: number) =>
  Effect.map(
    hashes.all(sql`
      SELECT hash FROM unnest(${arrayOf(asked)}::text[]) AS asked(hash)
      EXCEPT SELECT hash FROM tokens WHERE hash = ANY(${arrayOf(asked)}::text[]) AND ${isValid(sql, now)}
      EXCEPT SELECT hash FROM daemon_tokens WHERE hash = ANY(${arrayOf(asked)}::text[]) AND expires_at > ${now}`),
    (rows) => rows.map(({ hash }) => hash)
  )

/** The origin and the scopes of a token that the server makes itself. */
export const noOrigin = (scopes: Access.NewToken["scopes"]) => ({ origin: null, scopes: scopes ?? Scope.all })

/** The token that a new one ends with and the scopes that it has, or why none can be made. `originOf`, in SQL. */
const originFor = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  { madeWith, scopes, userId }: Access.NewToken,
  now: number
) {
  if (madeWith === null) return noOrigin(scopes)
  const maker = yield* origins.first(sql`
    SELECT ${isValid(sql, now)} AS valid, ${
    lineScopes(sql)
  } AS scopes, origin.id AS origin_id, muster_token_lineage(origin.id) AS lineage
    FROM tokens, LATERAL (SELECT CASE WHEN purpose = 'session' THEN parent_id ELSE tokens.id END AS id) AS origin
    WHERE tokens.id = ${madeWith} AND user_id = ${userId}`)
  if (Option.isNone(maker) || !maker.value.valid) return yield* new Access.TokenRefused({ reason: "ended" })
  const given = scopes ?? maker.value.scopes
  if (!Scope.isWithin(given, maker.value.scopes)) return yield* new Access.TokenRefused({ reason: "scope" })
  if (maker.value.lineage >= Token.maxLineage) return yield* new Access.TokenRefused({ reason: "lineage" })
  return { origin: maker.value.originId, scopes: given }
})

const counts = rowsOf(Schema.Struct({ count: Schema.Finite }))

/** Whether the person may have one more. Two concurrent calls may both take the last place. */
const checkRoom = Effect.fnUntraced(
  function*(sql: SqlClient.SqlClient, { purpose, userId }: Access.NewToken, now: number) {
    if (purpose !== "api") return
    const { count } = yield* counts.one(sql`
    SELECT count(*)::integer AS count FROM tokens
    WHERE user_id = ${userId} AND purpose = 'api' AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ${now})`)
    if (count >= (yield* StoreBounds.StoreBounds).tokens) return yield* new Access.TokenRefused({ reason: "full" })
  }
)

/** Adds the token; the same step removes ended ones of its user. */
export const insertToken = (
  sql: SqlClient.SqlClient,
  input: Access.NewToken,
  { origin, scopes }: Effect.Success<ReturnType<typeof originFor>>,
  id: string,
  now: number
) =>
  tokens.one(sql`
    WITH forgotten AS (
      DELETE FROM tokens
      WHERE user_id = ${input.userId} AND least(revoked_at, expires_at) < ${now - Token.endedRetention}
    )
    INSERT INTO tokens (id, user_id, purpose, parent_id, name, scopes, hash, prefix, expires_at, created_at)
    VALUES (${id}, ${input.userId}, ${input.purpose}, ${origin}::uuid, ${Store.cleanText(input.name)},
      ${bitsOf(scopes)}, ${input.hash}, ${Store.cleanText(input.prefix)},
      least(${input.expiresAt}::bigint, (SELECT expires_at FROM tokens WHERE id = ${origin}::uuid)), ${now})
    RETURNING *`)

const list = (sql: SqlClient.SqlClient, user: Identity.UserId) =>
  tokens.all(sql`
    SELECT * FROM tokens
    WHERE user_id = ${user} AND revoked_at IS NULL
    ORDER BY created_at DESC, id
    LIMIT ${max}`)

/**
 * Returns the hashes each time, so that a caller that lost the first reply can still clear its caches. Rows are locked
 * in one order, as in `touch`.
 */
const revoke = (sql: SqlClient.SqlClient, user: Identity.UserId, id: Identity.TokenId, now: number) =>
  Effect.map(
    hashes.all(sql`
      WITH RECURSIVE family AS (
        SELECT id FROM tokens WHERE id = ${id} AND user_id = ${user}
        UNION ALL
        SELECT tokens.id FROM tokens JOIN family ON tokens.parent_id = family.id
      ), taken AS (
        SELECT id FROM tokens WHERE id IN (SELECT id FROM family) ORDER BY id FOR NO KEY UPDATE
      )
      UPDATE tokens SET revoked_at = coalesce(revoked_at, ${now}) FROM taken WHERE tokens.id = taken.id
      RETURNING hash`),
    (rows) => rows.map(({ hash }) => hash)
  )

/** `least` and `greatest` leave nulls out: an origin without an end is no bound. */
const renew = (sql: SqlClient.SqlClient, user: Identity.UserId, id: Identity.TokenId, until: number, now: number) =>
  Effect.map(
    renewals.first(sql`
      UPDATE tokens SET expires_at = greatest(
        expires_at,
        least(${until}::bigint, (SELECT origin.expires_at FROM tokens AS origin WHERE origin.id = tokens.parent_id))
      )
      WHERE id = ${id} AND user_id = ${user} AND purpose = 'api' AND expires_at IS NOT NULL AND ${isValid(sql, now)}
      RETURNING *`),
    Option.map(({ hash, ...token }): Access.Renewed => ({ token, hash }))
  )

/** One winner: the second caller finds the row revoked, also if both are concurrent. */
const redeem = (sql: SqlClient.SqlClient, hash: Token.TokenHash, now: number) =>
  redeemed.first(sql`
    UPDATE tokens SET revoked_at = ${now}
    WHERE hash = ${hash} AND ${isValid(sql, now)}
    RETURNING user_id, ${lineScopes(sql)} AS scopes, parent_id`)

/** Rows are locked in one order, so that two replicas with the same tokens never deadlock. */
const touch = (sql: SqlClient.SqlClient, used: ReadonlyArray<Token.TokenHash>, at: number) =>
  Effect.asVoid(sql`
    WITH used AS (
      SELECT id FROM tokens WHERE hash = ANY(${arrayOf(used)}::text[]) ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE tokens SET last_used_at = greatest(last_used_at, ${at}) FROM used WHERE tokens.id = used.id`)

type NewDaemonToken = Parameters<Access.Access["Service"]["createDaemonToken"]>[0]

const createForDaemon = (sql: SqlClient.SqlClient, input: NewDaemonToken, now: number) =>
  Effect.asVoid(sql`
    WITH forgotten AS (
      DELETE FROM daemon_tokens
      WHERE workspace_id = ${input.workspaceId} AND daemon_id = ${
    Store.cleanText(input.daemonId)
  } AND expires_at <= ${now}
    )
    INSERT INTO daemon_tokens (hash, workspace_id, daemon_id, expires_at, created_at)
    VALUES (${input.hash}, ${input.workspaceId}, ${Store.cleanText(input.daemonId)}, ${input.expiresAt}, ${now})`)

/** The part of Access for tokens. */
export const tokenOperations = (sql: SqlClient.SqlClient) =>
  ({
    authenticate: (hash) => asOperationNow("Access.authenticate", (now) => authenticate(sql, hash, now)),
    createToken: (input) =>
      asOperationNow("Access.createToken", (now) =>
        Effect.flatMap(
          Effect.all([originFor(sql, input, now), Uuid.random, checkRoom(sql, input, now)]),
          ([origin, id]) => insertToken(sql, input, origin, id, now)
        )),
    ended: (hashes) =>
      hashes.length === 0
        ? Effect.succeed([])
        : asOperationNow("Access.ended", (now) => ended(sql, hashes, now)),
    listTokens: (user) => asOperation("Access.listTokens")(list(sql, user)),
    revokeToken: (user, id) => asOperationNow("Access.revokeToken", (now) => revoke(sql, user, id, now)),
    renewToken: (user, id, until) => asOperationNow("Access.renewToken", (now) => renew(sql, user, id, until, now)),
    redeemToken: (hash) => asOperationNow("Access.redeemToken", (now) => redeem(sql, hash, now)),
    touchTokens: (hashes, at) =>
      hashes.length === 0 ? Effect.void : asOperation("Access.touchTokens")(touch(sql, hashes, at)),
    createDaemonToken: (input) => asOperationNow("Access.createDaemonToken", (now) => createForDaemon(sql, input, now))
  }) satisfies Partial<Access.Access["Service"]>

import { Token } from "@muster/domain"
import { Effect } from "effect"
import { hashToken } from "../access/Authenticator.ts"

/** The start of a task token. */
export const taskTokenPrefix = "mtk_"

/** Credentials for the tasks of one claim: their hashes, which the store keeps, and the secrets by hash. */
export interface TaskTokens {
  readonly hashes: ReadonlyArray<string>
  readonly secretOf: (hash: string | null) => string | null
}

/** Makes as many task tokens as a claim may take tasks. A token opens its own task only, and ends with its claim. */
export const makeTaskTokens = (count: number): Effect.Effect<TaskTokens> =>
  Effect.map(Effect.replicateEffect(Token.generateSecret(taskTokenPrefix), count), (secrets) => {
    const byHash = new Map<string, string>(secrets.map((secret) => [hashToken(secret), secret]))
    return { hashes: [...byHash.keys()], secretOf: (hash) => hash === null ? null : byHash.get(hash) ?? null }
  })

import { createHash } from "node:crypto"
import type { RedisClient } from "../connection/RedisClient.ts"

/** A script and its hash. */
export interface Script {
  readonly text: string
  readonly sha: string
}

export const scriptOf = (text: string): Script => ({ text, sha: createHash("sha1").update(text).digest("hex") })

const isMissing = (error: unknown): boolean => error instanceof Error && error.message.startsWith("NOSCRIPT")

/** Runs a script on this key: by its hash, and once with its text if Redis does not have it. */
export const runScript = (
  client: RedisClient,
  { sha, text }: Script,
  key: string,
  args: ReadonlyArray<string | number>
): Promise<unknown> =>
  client.evalsha(sha, 1, key, ...args).catch((error: unknown) =>
    isMissing(error) ? client.eval(text, 1, key, ...args) : Promise.reject(error)
  )

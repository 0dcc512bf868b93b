import { Effect } from "effect"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import type { RedisClient } from "../connection/RedisClient.ts"

/** A script and its hash. */
export interface Script {
  readonly text: string
  readonly sha: string
}

const names = ["create", "get", "claim", "settle"] as const

const read = (name: string) => readFileSync(new URL(`./${name}.lua`, import.meta.url), "utf8")

/**
 * Accepted requests complete even without free memory: claiming, settling and ending cost little and free what they
 * end. Only a new request needs memory.
 */
const finishes = "#!lua flags=allow-oom\n"

const scriptOf = (text: string): Script => ({ text, sha: createHash("sha1").update(text).digest("hex") })

/** The scripts of the request store, from the files next to this one. The package guarantees that they exist. */
export const loadScripts: Effect.Effect<Readonly<Record<typeof names[number], Script>>> = Effect.sync(() => {
  const lane = read("lane")
  const [create, get, claim, settle] = names.map((name) =>
    scriptOf(`${name === "create" ? "" : finishes}${lane}\n${read(name)}`)
  )
  return { create: create!, get: get!, claim: claim!, settle: settle! }
})

const isMissing = (error: unknown): boolean => error instanceof Error && error.message.startsWith("NOSCRIPT")

/** Runs a script on the runtime with this key: by its hash, and once with its text if Redis does not have it. */
export const runScript = (
  client: RedisClient,
  { sha, text }: Script,
  key: string,
  args: ReadonlyArray<string | number>
): Promise<unknown> =>
  client.evalsha(sha, 1, key, ...args).catch((error: unknown) =>
    isMissing(error) ? client.eval(text, 1, key, ...args) : Promise.reject(error)
  )

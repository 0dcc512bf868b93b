import { Data } from "effect"
import type { Redis } from "ioredis"

/** The minimum major version: scripts use options of PEXPIRE and flags that it introduced. */
const oldest = 7

/** Redis answers, and its version lacks what the scripts use. */
export class RedisTooOld extends Data.TaggedError("RedisTooOld")<{ readonly message: string }> {}

/** The version in the reply of HELLO: names and values in turn. */
const inHello = (reply: unknown): string | undefined => {
  const fields = Array.isArray(reply) ? reply.map(String) : []
  const at = fields.indexOf("version")
  return at === -1 ? undefined : fields[at + 1]
}

const inInfo = (reply: string): string | undefined => /^redis_version:(\S+)/m.exec(reply)?.[1]

/** The server's version: by HELLO, which every user may send, else by INFO; undefined: neither reports it. */
const versionOf = (server: Redis): Promise<string | undefined> =>
  server.call("HELLO").then(inHello, () => undefined).then((version) =>
    version ?? server.info("server").then(inInfo, () => undefined)
  )

/** Why this version cannot be used, as a sentence; undefined: it can, or its number cannot be read. */
export const tooOld = (version: string | undefined): string | undefined => {
  const major = Number.parseInt(version ?? "", 10)
  return Number.isNaN(major) || major >= oldest
    ? undefined
    : `Redis reports version ${version}, and Muster requires Redis ${oldest} or newer (or Valkey); upgrade the server`
}

/** Why one of these servers cannot be used, as a sentence; undefined: all can. */
export const unfitOf = (servers: ReadonlyArray<Redis>): Promise<string | undefined> =>
  Promise.all(servers.map(versionOf)).then((versions) => versions.map(tooOld).find((reason) => reason !== undefined))

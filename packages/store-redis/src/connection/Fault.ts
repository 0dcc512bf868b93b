import { ReplyError } from "ioredis"

/**
 * What the error of a command shows about its server. `notServing`: the server takes no such command at present, and
 * did nothing; another server may, or the same one later. `refused`: it replied with any other error. `unreachable`: no
 * reply, and whether the command was done is unknown.
 */
export type Fault = "notServing" | "refused" | "unreachable"

const notServing = /^(?:READONLY|LOADING|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|MOVED|ASK)\b/

/** How ioredis reports a command that no node of a cluster took. */
const redirections = /^Too many Cluster redirections/

const wordsOf = (cause: unknown): string => cause instanceof Error ? cause.message : ""

/** Reads the error of a command, with or without what `explained` puts in front of it. */
export const faultOf = (error: unknown): Fault => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const words = wordsOf(cause)
  if (redirections.test(words)) return "notServing"
  if (!(cause instanceof ReplyError)) return "unreachable"
  return notServing.test(words) ? "notServing" : "refused"
}

/** Replies that stop every write of their kind, as sentences for people. */
const sentences: ReadonlyArray<readonly [reply: RegExp, sentence: string]> = [
  [/^READONLY/, "Redis takes no writes: this server is a replica, as during and after a failover"],
  [/^NOREPLICAS/, "Redis takes no writes: too few of its replicas are connected"],
  [/^MASTERDOWN/, "Redis takes no writes: this server is a replica that has lost its primary"],
  [/^LOADING/, "Redis is loading its data"],
  [/^(?:CLUSTERDOWN|Too many Cluster)/, "the Redis Cluster does not serve this part of the keys at present"],
  [/^OOM/, "Redis is out of memory and stores nothing new; raise its maxmemory"],
  [/^MISCONF/, "Redis takes no writes: it cannot save its data to disk"]
]

/** Why Redis refuses writes, as a sentence; undefined where the error is about one command or no reply at all. */
export const refusalOf = (cause: unknown): string | undefined => {
  const words = wordsOf(cause)
  return sentences.find(([reply]) => reply.test(words))?.[1]
}

/** Why the command failed, for people. */
export const reasonOf = (cause: unknown): string =>
  refusalOf(cause) ?? (faultOf(cause) === "refused" ? "Redis refused the command" : "Redis does not answer")

/** The error with a sentence for people in front of it, where there is one. */
export const explained = (cause: unknown): unknown => {
  const sentence = refusalOf(cause)
  return sentence === undefined ? cause : new Error(sentence, { cause })
}

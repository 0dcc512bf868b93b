import type { Task } from "@muster/domain"

/**
 * What agents say of their provider, by the reason. They pass on the words of their HTTP clients and of the provider; a code
 * exists in none of their protocols for all of these. The first that matches counts.
 */
const words: ReadonlyArray<readonly [reason: Task.Reason, pattern: RegExp]> = [
  [
    "provider_quota",
    /\b429\b|too many requests|rate.?limit|usage limit|insufficient.?quota|quota exceeded|credit balance/i
  ],
  ["provider_auth", /\b401\b|unauthorized|not logged in|login required|invalid api key|log in on the machine/i],
  [
    "provider_network",
    /\b(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)\b|cannot connect to api|unable to connect|connection (?:error|refused|reset|timed out)|error sending request|fetch failed|socket hang up|stream disconnected before completion/i
  ]
]

/** Why a turn failed, from the agent's own sentence: because of its provider, or else `agent_error`. */
export const providerReason = (message: string): Task.Reason =>
  words.find(([, pattern]) => pattern.test(message))?.[0] ?? "agent_error"

import { decidingAttempt, unknownCli } from "../runtime/CliHealth.ts"
import { secondFoundAt } from "../runtime/Instances.ts"
import type { Runtime } from "../runtime/Runtime.ts"

const words = { slow: "its CLI is slow", unable: "the last use of its CLI failed", broken: "its CLI does not run" }

/**
 * Returns why a runtime needs attention although it is online, in a few words; null if it does not. `offline` is a
 * status of its own, so an offline runtime has no trouble.
 */
export const troubleOf = ({ cli, instances = null, status }: Runtime): string | null => {
  if (status === "offline") return null
  if (secondFoundAt(instances) !== null) return "two machines use its daemon id"
  const outcome = decidingAttempt(cli ?? unknownCli)?.attempt.outcome ?? "worked"
  return outcome === "worked" ? null : words[outcome]
}

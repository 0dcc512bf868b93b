import { secondFoundAt } from "../runtime/Instances.ts"
import type { Runtime } from "../runtime/Runtime.ts"

/**
 * Returns why a runtime needs attention although it is online, in a few words; null if it does not. An offline runtime is
 * offline, which is a status of its own.
 */
export const troubleOf = ({ instances = null, status }: Runtime): string | null => {
  if (status === "offline") return null
  return secondFoundAt(instances) === null ? null : "two machines use its daemon id"
}

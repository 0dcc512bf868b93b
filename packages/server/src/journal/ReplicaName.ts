import { Context } from "effect"
import { hostname } from "node:os"

/** The name of this replica in texts for people: host name and process id. */
export const ReplicaName = Context.Reference<string>("@muster/server/journal/ReplicaName", {
  defaultValue: () => `${hostname()}-${process.pid}`.slice(0, 200)
})

import { Context } from "effect"
import { hostname } from "node:os"

/** The name that this replica goes by where people read of replicas. */
export const ReplicaName = Context.Reference<string>("@muster/server/journal/ReplicaName", {
  defaultValue: () => `${hostname()}-${process.pid}`.slice(0, 200)
})

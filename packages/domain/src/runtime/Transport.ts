import { Schema } from "effect"

/** How something reached a daemon, or arrived from it: over its socket, or with an HTTP beat. */
export const Transport = Schema.Literals(["socket", "beat"])
export type Transport = typeof Transport.Type

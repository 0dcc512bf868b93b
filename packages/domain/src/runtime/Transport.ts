import { Schema } from "effect"

/** How something came to a daemon, or from it: over its socket, or with an HTTP beat. */
export const Transport = Schema.Literals(["socket", "beat"])
export type Transport = typeof Transport.Type

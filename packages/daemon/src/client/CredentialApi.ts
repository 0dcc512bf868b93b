import { Context, type Effect, type Redacted } from "effect"
import type { Refused, Unreachable } from "./ServerError.ts"

/** The part of the server that is for machines that joined. */
export class CredentialApi extends Context.Service<CredentialApi, {
  /** Returns a new credential for this machine; the old one stays valid until the new one was used. */
  readonly renew: Effect.Effect<
    { readonly credential: Redacted.Redacted; readonly expiresAt: number },
    Refused | Unreachable
  >
}>()("@muster/daemon/client/CredentialApi") {}

import { Token } from "@muster/domain"
import { Context, Effect, Redacted } from "effect"
import { MachineAccess } from "../client/MachineAccess.ts"

/** Whose credential a daemon uses. */
export type CredentialKind = "machine" | "person" | "daemon"

/** That of this process. */
export const CredentialKind = Context.Reference<CredentialKind>("@muster/daemon/machine/CredentialKind", {
  defaultValue: () => "person"
})

export const kindOf = (token: Redacted.Redacted): CredentialKind =>
  Token.kindOf(Redacted.value(token)) === "daemon" ? "daemon" : "person"

/** A daemon's credential, for people to see. */
export interface CredentialStatus {
  readonly kind: CredentialKind
  /** Of the machine that joined; null: none did. */
  readonly machine: {
    readonly id: string
    readonly name: string
    /** Epoch ms. */
    readonly expiresAt: number
    /** The note of a drain; null: it is not drained. */
    readonly draining: string | null
  } | null
}

export const credentialStatus: Effect.Effect<CredentialStatus> = Effect.gen(function*() {
  const machine = yield* MachineAccess
  if (machine === undefined) return { kind: yield* CredentialKind, machine: null }
  const { expires_at, machine_id, name } = machine.file()
  const own = machine.own()
  return {
    kind: "machine",
    machine: { id: machine_id, name: own?.name ?? name, expiresAt: expires_at, draining: own?.draining ?? null }
  }
})

/** How a machine with a person's token gets a credential of its own. */
export const howToJoin =
  "a person's token; to give this machine a credential of its own, run `muster machines add` and " +
  "then, on this machine, the command that it prints"

/** Logs it, once per start. */
export const tellHowToJoin = Effect.flatMap(
  CredentialKind,
  (kind) => kind === "person" ? Effect.logInfo(`this daemon uses ${howToJoin}`) : Effect.void
)

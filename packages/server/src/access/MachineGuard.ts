import { Api, type Identity, Machines, Security, WireError } from "@muster/domain"
import { Effect, Option } from "effect"
import type { HttpServerRequest } from "effect/http"
import { bearerHash } from "./bearer.ts"
import { makeReportRefusedUse } from "./RefusedUse.ts"

/**
 * Returns a function that admits a machine's credential to the calls of its own machine. It reads the credential from
 * the store, not from the cache, so a revoked one registers nothing. Fails with 403 `credential_of_another_machine`,
 * and logs it, if the caller has another daemon id (if it sends one) or another fingerprint than the machine that
 * joined.
 */
export const makeMachineGuard = Effect.gen(function*() {
  const machines = yield* Machines.Machines
  const report = yield* makeReportRefusedUse

  return Effect.fnUntraced(function*(
    { headers }: Pick<HttpServerRequest.HttpServerRequest, "headers">,
    daemonId?: string
  ) {
    const caller = yield* Security.DaemonCaller
    if (caller._tag !== "Machine") return yield* WireError.noMachine()
    const found: Option.Option<Identity.MachineCredential> = yield* machines.authenticate(bearerHash(headers)).pipe(
      Effect.mapError((cause) => WireError.fault("failed to verify token", cause))
    )
    if (Option.isNone(found)) return yield* WireError.invalidDaemonToken()
    const credential = found.value
    const fingerprint = Api.fingerprintFrom(headers[Api.fingerprintHeader])
    const isOther = daemonId !== undefined && daemonId !== credential.daemonId
    const isCopy = credential.fingerprint !== null && credential.fingerprint !== fingerprint
    if (!isOther && !isCopy) return credential
    yield* report({ credential, daemonId, fingerprint })
    return yield* WireError.credentialOfAnother()
  })
})

import { Access, Api, Codec, Identity, Join, type Machine, Machines, Token, Wake, WireError } from "@muster/domain"
import { Clock, Effect, Layer, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Authenticator, hashToken } from "../access/Authenticator.ts"
import { bearerHash } from "../access/bearer.ts"
import { makeMachineGuard } from "../access/MachineGuard.ts"
import { Audit } from "../audit/Audit.ts"
import { Limits } from "../limit/Limits.ts"
import { ownerName } from "../runtime/ownerName.ts"
import { reposOf } from "../runtime/reposOf.ts"
import { makeRecordIn, targetOf } from "./MachineAudit.ts"
import { full } from "./MachineHandlers.ts"

const unable = (what: string) => (cause: unknown) => WireError.fault(`failed to ${what}`, cause)

/** What a daemon gets of its machine and the machine's workspaces. */
const makeOwnView = Effect.map(Access.Access, (access) =>
  Effect.fnUntraced(function*(machine: Machine.Machine) {
    const all = yield* access.workspacesOf(machine.ownerId)
    return {
      machine: { ...machine, ownerName: yield* ownerName(access, machine.ownerId) },
      workspaces: all.filter(({ id }) => machine.workspaces.includes(id)).map((workspace) => ({
        ...workspace,
        reposVersion: reposOf(workspace).reposVersion
      }))
    }
  }))

const layerJoin = HttpApiBuilder.group(
  Api.MusterApi,
  "join",
  Effect.fn(function*(handlers) {
    const machines = yield* Machines.Machines
    const ownView = yield* makeOwnView
    const wake = yield* Wake.Wake
    const audit = yield* Audit
    const limits = yield* Limits
    const recordIn = yield* makeRecordIn
    return handlers.handleAll({
      join: Effect.fn("Server.join")(function*({ payload, request }) {
        yield* limits.takeOfCaller("joins")
        const secret = Codec.goString(payload.token)
        const daemonId = Codec.goString(payload.daemonId)
        if (secret === "") return yield* WireError.required("token")
        if (daemonId === "") return yield* WireError.required("daemon_id")
        const kind = Join.kindOf(secret) ?? "token"
        const credential = yield* Token.generate("daemon")
        const expiresAt = (yield* Clock.currentTimeMillis) + Join.credentialLifetime
        const machine = yield* machines.join({
          secret: hashToken(secret),
          daemonId: Identity.DaemonId.make(daemonId),
          name: payload.name || "machine",
          deviceInfo: payload.deviceInfo ?? "",
          fingerprint: Api.fingerprintFrom(request.headers[Api.fingerprintHeader]),
          credential: hashToken(credential),
          expiresAt
        }).pipe(Effect.catchTags({
          JoinRefused: ({ reason }) =>
            Effect.andThen(
              audit.record({
                action: "machine.refuse",
                credential: { kind: "join", id: null, prefix: Token.prefixOf(secret) },
                details: { reason: `join token ${reason}`, daemon_id: daemonId, name: payload.name ?? "" }
              }),
              Effect.fail(WireError.joinRefused(reason, kind))
            ),
          MachinesFull: full,
          StoreUnavailable: (cause) => Effect.fail(unable("join")(cause))
        }))
        yield* Effect.forEach(machine.workspaces, (id) => wake.publish(Wake.topic.workspace(id)), { discard: true })
        yield* recordIn(machine.workspaces, {
          action: "machine.join",
          actor: { kind: "machine", id: machine.id, name: machine.name },
          credential: { kind: "join", id: machine.joinKeyId, prefix: Token.prefixOf(secret) },
          target: targetOf(machine),
          details: { daemon_id: daemonId, owner_id: machine.ownerId, ephemeral: machine.ephemeral }
        })
        return { credential, expiresAt, ...(yield* Effect.mapError(ownView(machine), unable("join"))) }
      })
    })
  })
)

const layerCredential = HttpApiBuilder.group(
  Api.MusterApi,
  "machineCredential",
  Effect.fn(function*(handlers) {
    const authenticator = yield* Authenticator
    const recordIn = yield* makeRecordIn
    const guard = yield* makeMachineGuard
    const machines = yield* Machines.Machines
    const ownView = yield* makeOwnView
    return handlers.handleAll({
      machine: Effect.fnUntraced(function*({ query, request }) {
        const credential = yield* guard(request, query.daemon_id)
        const machine = yield* Effect.mapError(machines.find(credential.machineId), unable("load machine"))
        if (Option.isNone(machine)) return yield* WireError.invalidDaemonToken()
        const own = yield* Effect.mapError(ownView(machine.value), unable("load machine"))
        return { expiresAt: credential.expiresAt, ...own }
      }),

      renew: Effect.fn("Server.renewCredential")(function*({ payload, request }) {
        const daemonId = Codec.goString(payload.daemonId)
        if (daemonId === "") return yield* WireError.required("daemon_id")
        const { machineId, workspaces } = yield* guard(request, daemonId)
        const secret = yield* Token.generate("daemon")
        const expiresAt = (yield* Clock.currentTimeMillis) + Join.credentialLifetime
        const old = bearerHash(request.headers)
        const renewed = yield* machines.renew(old, { hash: hashToken(secret), expiresAt }).pipe(
          Effect.mapError(unable("renew the credential"))
        )
        if (!renewed) return yield* WireError.invalidDaemonToken()
        // Its expiry has changed.
        yield* authenticator.forget(old)
        yield* recordIn(workspaces, { action: "machine.renew", target: { kind: "machine", id: machineId, name: null } })
        return { credential: secret, expiresAt }
      })
    })
  })
)

/** The routes by which machines join and renew their credentials. */
export const layerJoinRoutes = Layer.mergeAll(layerJoin, layerCredential)

import * as NodeServices from "@effect/platform-node/NodeServices"
import { Access, Scope, Token } from "@muster/domain"
import { layerServerOver, ServerInfo } from "@muster/server"
import { layerMemory } from "@muster/store-memory"
import { Context, Effect, FileSystem, Layer, Redacted } from "effect"
import { hash } from "node:crypto"

/** A whole server with its stores in memory, and an environment that is signed in as its owner. It ends with the scope. */
export const startMemoryServer = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const dataDir = yield* files.makeTempDirectoryScoped()
  const context = yield* Layer.build(
    layerServerOver({ host: "127.0.0.1", port: 0, dataDir }).pipe(Layer.provideMerge(layerMemory))
  )
  const { ownerToken, ownerWorkspace, url } = Context.get(context, ServerInfo)
  const access = Context.get(context, Access.Access)
  const owner = yield* access.ensureUser("owner@localhost", "Owner")

  /** A token of the owner that the server makes itself; `expiresAt` in epoch ms. */
  const tokenOf = (name: string, expiresAt: number | null, scopes: ReadonlyArray<Scope.Scope> = Scope.all) =>
    Effect.gen(function*() {
      const secret = yield* Token.generate("user")
      const { id } = yield* access.createToken({
        userId: owner.id,
        purpose: "api",
        madeWith: null,
        name,
        scopes,
        hash: Token.TokenHash.make(hash("sha256", secret, "hex")),
        prefix: Token.prefixOf(secret),
        expiresAt
      })
      return { id, secret }
    }).pipe(Effect.orDie)

  const signedInWith = (token: string) => ({ env: { MUSTER_SERVER_URL: url, MUSTER_TOKEN: token } })
  return { url, workspace: ownerWorkspace, tokenOf, signedInWith, owner: signedInWith(Redacted.value(ownerToken)) }
}).pipe(Effect.provide(NodeServices.layer))

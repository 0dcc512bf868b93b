import { Config, Option, Redacted } from "effect"
import { homedir } from "node:os"
import { join } from "node:path"
import { consoleFolder } from "./console/BuiltConsole.ts"
import type { ServerOptions } from "./ServerOptions.ts"

const optional = <A>(config: Config.Config<A>) => Config.map(Config.option(config), Option.getOrUndefined)

const redacted = (name: string) => optional(Config.Redacted(name))

/** An empty variable counts as not set: files for containers often contain such lines. */
const text = (name: string) => Config.map(optional(Config.String(name)), (value) => value?.trim() || undefined)

const secret = (name: string) =>
  Config.map(redacted(name), (value) => value === undefined || Redacted.value(value) === "" ? undefined : value)

/** The options of sign-in with OpenID Connect, for programs that take the other ones from flags. */
export const signInConfig: Config.Config<Pick<ServerOptions, "publicUrl" | "oidc">> = Config.all({
  publicUrl: text("MUSTER_PUBLIC_URL"),
  oidc: Config.all({
    issuer: text("MUSTER_OIDC_ISSUER"),
    clientId: text("MUSTER_OIDC_CLIENT_ID"),
    clientSecret: secret("MUSTER_OIDC_CLIENT_SECRET"),
    scopes: text("MUSTER_OIDC_SCOPES"),
    allowedDomains: text("MUSTER_OIDC_ALLOWED_DOMAINS"),
    name: text("MUSTER_OIDC_NAME"),
    workspace: text("MUSTER_OIDC_WORKSPACE")
  })
})

/** Reads a server's options from the environment variables in the README, for `main.ts` and for programs that embed a server. */
export const serverConfig: Config.Config<ServerOptions> = Config.all({
  signIn: signInConfig,
  host: Config.withDefault(Config.NonEmptyString("HOST"), "0.0.0.0"),
  port: Config.withDefault(Config.Int("PORT"), 8080),
  dataDir: Config.withDefault(Config.NonEmptyString("MUSTER_DATA"), join(homedir(), ".muster")),
  databaseUrl: redacted("DATABASE_URL"),
  databaseDirectUrl: redacted("DATABASE_DIRECT_URL"),
  redisUrl: redacted("REDIS_URL"),
  consoleFolder: Config.withDefault(Config.NonEmptyString("MUSTER_CONSOLE"), consoleFolder),
  drainWindow: optional(Config.map(Config.Finite("MUSTER_DRAIN_SECONDS"), (seconds) => seconds * 1_000))
}).pipe(Config.map(({ signIn, ...options }) => ({ ...options, ...signIn })))

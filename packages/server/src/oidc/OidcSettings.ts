import { PlainText, Workspace } from "@muster/domain"
import { Context, Effect, Layer, type Redacted, Result } from "effect"
import { StartupFailure } from "../data/StartupFailure.ts"
import type { OidcOptions, ServerOptions } from "../ServerOptions.ts"

/** How this server uses its OpenID Connect provider; checked. */
export interface OidcSettings {
  readonly issuer: URL
  readonly clientId: string
  readonly clientSecret: Redacted.Redacted
  /** Separated by spaces; `openid` is one of them. */
  readonly scopes: string
  /** In lower case; none: every domain. */
  readonly allowedDomains: ReadonlyArray<string>
  /** What people call the provider; 1 to 50 characters. */
  readonly name: string
  /** The slug of the workspace that people join at their first sign-in. */
  readonly workspace: string | undefined
  /** The origin at which browsers reach this server, without a slash at its end. */
  readonly publicUrl: string
}

/** Undefined: no sign-in with OpenID Connect. */
export const OidcSettings = Context.Reference<OidcSettings | undefined>("@muster/server/oidc/OidcSettings", {
  defaultValue: () => undefined
})

/** The variables of the options, for sentences. */
const variables: Record<keyof OidcOptions, string> = {
  issuer: "MUSTER_OIDC_ISSUER",
  clientId: "MUSTER_OIDC_CLIENT_ID",
  clientSecret: "MUSTER_OIDC_CLIENT_SECRET",
  scopes: "MUSTER_OIDC_SCOPES",
  allowedDomains: "MUSTER_OIDC_ALLOWED_DOMAINS",
  name: "MUSTER_OIDC_NAME",
  workspace: "MUSTER_OIDC_WORKSPACE"
}

const maxName = 50

/** The names of this machine in a URL. */
const ownHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Whether a URL may carry secrets: it is encrypted, or does not leave this machine. */
export const isSafe = ({ hostname, protocol }: URL): boolean =>
  protocol === "https:" || (protocol === "http:" && ownHost.test(hostname))

const words = (text: string | undefined) => (text ?? "").split(/[\s,]+/).filter((word) => word !== "")

type Read<A> = Result.Result<A, string>

const readIssuer = (text: string): Read<URL> => {
  const url = URL.parse(text)
  if (url === null || url.search + url.hash + url.username + url.password !== "") {
    return Result.fail(
      `${variables.issuer} is not an issuer URL: set it to the provider's issuer, such as https://accounts.google.com`
    )
  }
  return isSafe(url) ? Result.succeed(url) : Result.fail(
    `${variables.issuer} must start with https:// (http:// works for a provider on this machine only)`
  )
}

const readPublicUrl = (text: string): Read<string> => {
  const url = URL.parse(text)
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
  return isOrigin ? Result.succeed(url.origin) : Result.fail(
    "MUSTER_PUBLIC_URL is not the address of a server: set it to the address that browsers use, without a path, such as https://muster.example.com"
  )
}

const readScopes = (text: string | undefined): Read<string> => {
  const scopes = text === undefined ? ["openid", "email", "profile"] : words(text)
  return scopes.includes("openid") ? Result.succeed(scopes.join(" ")) : Result.fail(
    `${variables.scopes} must contain openid: the default is "openid email profile"`
  )
}

const domainForm = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*$/

const readDomains = (text: string | undefined): Read<ReadonlyArray<string>> => {
  const domains = words(text).map((word) => word.toLowerCase().replace(/^@/, ""))
  const wrong = domains.find((domain) => !domainForm.test(domain))
  if (wrong !== undefined) {
    return Result.fail(
      `${variables.allowedDomains} has "${wrong}", which is no domain: list domains such as example.com`
    )
  }
  return text !== undefined && domains.length === 0
    ? Result.fail(`${variables.allowedDomains} has no domain: list domains such as example.com, or remove the variable`)
    : Result.succeed(domains)
}

const readName = (text: string | undefined, issuer: URL): Read<string> => {
  const name = (text ?? issuer.host).trim()
  return name !== "" && name.length <= maxName && PlainText.isPlainText(name) ? Result.succeed(name) : Result.fail(
    `${variables.name} must be one line of 1 to ${maxName} characters, such as Google`
  )
}

const readWorkspace = (slug: string | undefined): Read<string | undefined> =>
  slug === undefined || Workspace.refuse("any", slug) === undefined ? Result.succeed(slug) : Result.fail(
    `${variables.workspace} is "${slug}", which is no workspace's slug: use the slug that the console shows`
  )

/** The required variables of a server with a provider that are not set. */
const missing = ({ clientId, clientSecret }: OidcOptions, publicUrl: string | undefined) => [
  ...clientId === undefined ? [variables.clientId] : [],
  ...clientSecret === undefined ? [variables.clientSecret] : [],
  ...publicUrl === undefined ? ["MUSTER_PUBLIC_URL"] : []
]

/** Checks the options. Undefined: none is set, so there is no provider. Fails with one sentence for people. */
export const readOidc = (
  options: OidcOptions = {},
  publicUrl: string | undefined
): Read<OidcSettings | undefined> =>
  Result.gen(function*() {
    const { clientId, clientSecret, issuer } = options
    if (issuer === undefined) {
      const set = (Object.keys(variables) as Array<keyof OidcOptions>).find((key) => options[key] !== undefined)
      return set === undefined ? undefined : yield* Result.fail(
        `${variables[set]} is set without ${variables.issuer}: set the provider's issuer too, or remove it`
      )
    }
    if (clientId === undefined || clientSecret === undefined || publicUrl === undefined) {
      const names = missing(options, publicUrl).join(" and ")
      return yield* Result.fail(`${variables.issuer} needs ${names}: see docs/oidc.md`)
    }
    const url = yield* readIssuer(issuer)
    return {
      issuer: url,
      clientId,
      clientSecret,
      scopes: yield* readScopes(options.scopes),
      allowedDomains: yield* readDomains(options.allowedDomains),
      name: yield* readName(options.name, url),
      workspace: yield* readWorkspace(options.workspace),
      publicUrl: yield* readPublicUrl(publicUrl)
    }
  })

/** The settings of a server's options. Options that cannot be used fail the start. */
export const layerOidcSettings = ({ oidc, publicUrl }: Pick<ServerOptions, "oidc" | "publicUrl">) =>
  Layer.effect(
    OidcSettings,
    Effect.mapError(
      Effect.fromResult(readOidc(oidc, publicUrl)),
      (sentence) => new StartupFailure({ reason: "configuration", sentence })
    )
  )

import { Effect } from "effect"
import { BlockList, isIP, isIPv6 } from "node:net"
import type { Environment } from "../process/HostEnvironment.ts"
import { hostName, isExempt, notUnderstood } from "./NoProxy.ts"
import { BadServerUrl } from "./ServerUrl.ts"

const ports: Record<string, number> = { "http:": 80, "https:": 443 }

/** The maximum number of `NO_PROXY` entries that a sentence quotes. */
const shownEntries = 5

const none: URL | undefined = undefined

const loopback = new BlockList()
loopback.addSubnet("127.0.0.0", 8, "ipv4")
loopback.addAddress("::1", "ipv6")

const isLoopback = (host: string) =>
  host === "localhost" || host.endsWith(".localhost") ||
  (isIP(host) !== 0 && loopback.check(host, isIPv6(host) ? "ipv6" : "ipv4"))

const variableIn = (environment: Environment, name: string) =>
  environment[name.toLowerCase()] || environment[name] || undefined

const usualIn = (environment: Environment, protocol: string) =>
  variableIn(environment, protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY")

/** Returns a text that may be a URL for a sentence, without credentials. */
const withoutCredentials = (text: string) => text.replace(/^([^/]*\/\/)?[^/]*@/, "$1…@")

/**
 * The proxy for a server, from the environment: `MUSTER_PROXY` whatever the server is; otherwise `HTTPS_PROXY` or `HTTP_PROXY`
 * by the server's scheme, the lower-case variable first, unless `NO_PROXY` exempts the server or it is on this machine.
 * Undefined: none. Only `http:` and `https:` proxies can be used.
 */
export const proxyFor = (server: string, environment: Environment): Effect.Effect<URL | undefined, BadServerUrl> =>
  Effect.suspend(() => {
    const { hostname, port, protocol } = new URL(server)
    const host = hostName(hostname)
    const asked = environment["MUSTER_PROXY"] || undefined
    const usual = usualIn(environment, protocol)
    const exempt = isLoopback(host) ||
      isExempt(variableIn(environment, "NO_PROXY") ?? "", host, Number(port) || ports[protocol]!)
    const text = asked ?? (exempt ? undefined : usual)
    if (text === undefined) return Effect.succeed(none)
    const url = URL.parse(text.includes("://") ? text : `http://${text}`)
    return url !== null && url.protocol in ports
      ? Effect.succeed(url)
      : Effect.fail(
        new BadServerUrl({
          what: "the proxy's address",
          url: withoutCredentials(text),
          reason: "it must begin with http:// or https://"
        })
      )
  })

/**
 * Returns one sentence about the invalid entries of `NO_PROXY`; undefined if there are none, or if no proxy of the environment
 * would be used for this server.
 */
export const noProxyWarning = (server: string, environment: Environment): string | undefined => {
  if (environment["MUSTER_PROXY"] || usualIn(environment, new URL(server).protocol) === undefined) return undefined
  const wrong = notUnderstood(variableIn(environment, "NO_PROXY") ?? "")
  if (wrong.length === 0) return undefined
  const quoted = wrong.slice(0, shownEntries).map((entry) => JSON.stringify(entry.slice(0, 100)))
  const more = wrong.length > shownEntries ? ` and ${wrong.length - shownEntries} more` : ""
  return `NO_PROXY: ignoring ${
    quoted.join(", ")
  }${more}: use a host, a domain, an address, a range such as 10.0.0.0/8, or *`
}

/** Returns the proxy of a call for an error's sentence, without its credentials; empty without a proxy. */
export const throughProxy = (proxy: URL | undefined): string =>
  proxy === undefined ? "" : ` through the proxy ${proxy.host}`

/** Returns the credentials in a proxy's address as a header; undefined if there are none. */
export const proxyAuthorization = ({ password, username }: URL): Readonly<Record<string, string>> =>
  username === ""
    ? {}
    : {
      "proxy-authorization": `Basic ${
        Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")
      }`
    }

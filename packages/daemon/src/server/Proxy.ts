import { Effect } from "effect"
import type { Environment } from "../process/HostEnvironment.ts"
import { BadServerUrl } from "./ServerUrl.ts"

const ports: Record<string, number> = { "http:": 80, "https:": 443 }

const none: URL | undefined = undefined

const bare = (host: string) => host.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "")

const isLoopback = (host: string) =>
  host === "localhost" || host.endsWith(".localhost") || host === "::1" || host.startsWith("127.")

/** Whether `NO_PROXY` names this server: `*`, a host, a domain with all below it (with or without a leading dot), each with a port or without. */
const isExempt = (list: string, host: string, port: number): boolean =>
  list.split(/[,\s]+/).filter((entry) => entry !== "").some((entry) => {
    const [, name = "", only] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? []
    if (only !== undefined && Number(only) !== port) return false
    const domain = bare(name).replace(/^\*?\./, "")
    return domain === "*" || host === domain || host.endsWith(`.${domain}`)
  })

/**
 * The proxy for a server, from the environment: `MUSTER_PROXY` whatever the server is; otherwise `HTTPS_PROXY` or
 * `HTTP_PROXY` by the server's scheme, in small letters first, unless `NO_PROXY` exempts the server or it is this
 * machine. Undefined: none. Only `http:` and `https:` proxies can be used.
 */
export const proxyFor = (server: string, environment: Environment): Effect.Effect<URL | undefined, BadServerUrl> =>
  Effect.suspend(() => {
    const { hostname, port, protocol } = new URL(server)
    const host = bare(hostname)
    const variable = (name: string) => environment[name.toLowerCase()] || environment[name] || undefined
    const asked = environment["MUSTER_PROXY"] || undefined
    const usual = variable(protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY")
    const exempt = isLoopback(host) || isExempt(variable("NO_PROXY") ?? "", host, Number(port) || ports[protocol]!)
    const text = asked ?? (exempt ? undefined : usual)
    if (text === undefined) return Effect.succeed(none)
    const url = URL.parse(text.includes("://") ? text : `http://${text}`)
    return url !== null && url.protocol in ports
      ? Effect.succeed(url)
      : Effect.fail(
        new BadServerUrl({ what: "the proxy's address", url: text, reason: "it must begin with http:// or https://" })
      )
  })

/** The credentials in a proxy's address as the header it wants; none where there are none. */
export const proxyAuthorization = ({ password, username }: URL): Readonly<Record<string, string>> =>
  username === ""
    ? {}
    : {
      "proxy-authorization": `Basic ${
        Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")
      }`
    }

import * as http from "node:http"
import * as https from "node:https"
import { connect, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"
import { proxyAuthorization } from "./Proxy.ts"
import { addressOf, openTunnel, serverName } from "./Tunnel.ts"

/** Where connections of this process end. */
export interface Agents {
  readonly http: http.Agent
  readonly https: https.Agent
}

/**
 * An idle connection is closed after 4 s: most servers close theirs after 5 s or more, and a call on a connection that the
 * server closes at this moment would fail.
 */
const options = { keepAlive: true, timeout: 4_000 }

/** How long a proxy may take to open a tunnel, in ms. */
const tunnelTimeout = 10_000

/** What Node's agents do, and their types do not name: a call gets its connection. */
declare module "node:http" {
  interface Agent {
    addRequest(request: http.ClientRequest, options: object): void
  }
}

/** `http:` calls through a proxy: it gets the whole URL, as RFC 9112 3.2.2 asks, and may refuse tunnels to such servers. */
class ForwardAgent extends http.Agent {
  readonly #proxy: URL

  constructor(proxy: URL) {
    super(options)
    this.#proxy = proxy
  }

  override addRequest(request: http.ClientRequest, options: object): void {
    request.path = new URL(request.path, `http://${request.getHeader("host")}`).href
    for (const [name, value] of Object.entries(proxyAuthorization(this.#proxy))) request.setHeader(name, value)
    super.addRequest(request, options)
  }

  override createConnection(): Socket {
    const where = addressOf(this.#proxy)
    return this.#proxy.protocol === "https:" ? connectTls({ ...where, ...serverName(where.host) }) : connect(where)
  }
}

/** `https:` calls through a proxy: only a tunnel keeps them secret from it. */
class TunnelAgent extends https.Agent {
  readonly #proxy: URL
  readonly #pending = new Set<() => void>()

  constructor(proxy: URL) {
    super(options)
    this.#proxy = proxy
  }

  override createConnection(
    to: https.RequestOptions,
    created: (error: Error | null, socket: Socket) => void = () => {}
  ): undefined {
    // With an error there is no connection, which the types do not say.
    const failed = created as (error: Error) => void
    const target = { host: String(to.host), port: Number(to.port), secure: true, within: tunnelTimeout }
    const abandon = openTunnel(this.#proxy, target, (result) => {
      this.#pending.delete(abandon)
      if ("socket" in result) created(null, result.socket)
      else failed(new Error(`the proxy ${result.problem}`))
    })
    this.#pending.add(abandon)
  }

  override destroy(): void {
    for (const abandon of this.#pending) abandon()
    super.destroy()
  }
}

/** Connections to servers, directly or through a proxy, which are kept for the next call. */
export const makeAgents = (proxy: URL | undefined): Agents =>
  proxy === undefined
    ? { http: new http.Agent(options), https: new https.Agent(options) }
    : { http: new ForwardAgent(proxy), https: new TunnelAgent(proxy) }

const both = (agents: Agents): ReadonlyArray<http.Agent> => [agents.http, agents.https]

/** Closes idle connections now, and busy ones after their call. */
export const retire = (agents: Agents): void => {
  for (const agent of both(agents)) {
    agent.maxFreeSockets = 0
    for (const sockets of Object.values(agent.freeSockets)) sockets?.forEach((socket) => socket.destroy())
  }
}

/** Closes all connections. */
export const endAgents = (agents: Agents): void => both(agents).forEach((agent) => agent.destroy())

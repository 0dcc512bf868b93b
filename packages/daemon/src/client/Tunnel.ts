import * as http from "node:http"
import * as https from "node:https"
import { isIP, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"
import { proxyAuthorization } from "./Proxy.ts"

/** A URL's host without the brackets of an IPv6 address. */
export const bareHost = (host: string) => host.replace(/^\[(.*)\]$/, "$1")

/** The name that a certificate must have; absent for an address. */
export const serverName = (host: string) => isIP(host) === 0 ? { servername: host } : {}

/** The host and port of a URL. */
export const addressOf = ({ hostname, port, protocol }: URL) => ({
  host: bareHost(hostname),
  port: Number(port || (protocol === "https:" || protocol === "wss:" ? 443 : 80))
})

const adviceFor = (status: number | undefined) =>
  status === 407 ? ": it requires a user name and a password in its address (http://user:password@host:port)" : ""

/** What continues "the proxy …" in a sentence about a tunnel that was not opened, or the connection. */
export type TunnelResult = { readonly problem: string } | { readonly socket: Socket }

/**
 * Opens a tunnel through a proxy to a host with CONNECT, and TLS to that host in it if `secure`. `done` is called once.
 * Returns a function that abandons the attempt.
 */
export const openTunnel = (
  proxy: URL,
  target: {
    readonly host: string
    readonly port: number
    readonly secure: boolean
    /** How long the proxy may say nothing, in ms. */
    readonly within: number
  },
  done: (result: TunnelResult) => void
): () => void => {
  const address = `${isIP(target.host) === 6 ? `[${target.host}]` : target.host}:${target.port}`
  const request = (proxy.protocol === "https:" ? https : http).request({
    ...addressOf(proxy),
    method: "CONNECT",
    path: address,
    headers: { host: address, ...proxyAuthorization(proxy) },
    agent: false,
    timeout: target.within
  })
  const failed = (problem: string) => {
    done({ problem })
    request.destroy()
  }
  request.once("connect", ({ statusCode }, stream) => {
    const socket = stream as Socket
    if (statusCode !== 200) {
      socket.destroy()
      return failed(`refused the tunnel with ${statusCode}${adviceFor(statusCode)}`)
    }
    done({ socket: target.secure ? connectTls({ socket, ...serverName(target.host) }) : socket })
  })
  request.once("response", ({ statusCode }) => failed(`answered ${statusCode}`))
  request.once("timeout", () => failed("made no tunnel in time"))
  request.on("error", (error: NodeJS.ErrnoException) => failed(`cannot be reached: ${error.code ?? error.message}`))
  request.end()
  return () => request.destroy()
}

import { Effect, type Scope } from "effect"
import * as http from "node:http"
import * as https from "node:https"
import { isIP, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"
import { proxyAuthorization } from "../client/Proxy.ts"
import { SocketEnded } from "./SocketEnded.ts"

const bare = (host: string) => host.replace(/^\[(.*)\]$/, "$1")

const adviceFor = (status: number | undefined) =>
  status === 407 ? ": it requires a user name and a password in its address (http://user:password@host:port)" : ""

/**
 * Opens a tunnel through a proxy to a `ws:` or `wss:` address with CONNECT. Returns a function with which `ws` creates the
 * connection; it can be called once. The end of the scope closes a tunnel that was not used.
 */
export const openTunnel = Effect.fnUntraced(
  function*(proxy: URL, target: URL): Effect.fn.Return<() => Socket, SocketEnded, Scope.Scope> {
    const secure = target.protocol === "wss:"
    const address = `${target.hostname}:${target.port || (secure ? 443 : 80)}`
    const failed = (what: string) => new SocketEnded({ reason: `the proxy ${proxy.host} ${what}`, status: null })
    let taken = false
    const socket = yield* Effect.acquireRelease(
      Effect.callback<Socket, SocketEnded>((resume) => {
        const request = (proxy.protocol === "https:" ? https : http).request({
          host: bare(proxy.hostname),
          port: proxy.port || (proxy.protocol === "https:" ? 443 : 80),
          method: "CONNECT",
          path: address,
          headers: { host: address, ...proxyAuthorization(proxy) },
          agent: false
        })
        request.once("connect", ({ statusCode }, socket) => {
          if (statusCode === 200) return resume(Effect.succeed(socket as Socket))
          socket.destroy()
          resume(Effect.fail(failed(`refused the tunnel with ${statusCode}${adviceFor(statusCode)}`)))
        })
        request.once("response", ({ statusCode }) => {
          request.destroy()
          resume(Effect.fail(failed(`answered ${statusCode}`)))
        })
        request.on(
          "error",
          (error: NodeJS.ErrnoException) =>
            resume(Effect.fail(failed(`cannot be reached: ${error.code ?? error.message}`)))
        )
        request.end()
        return Effect.sync(() => request.destroy())
      }),
      (socket) => Effect.sync(() => taken ? undefined : socket.destroy()),
      { interruptible: true }
    )
    return () => {
      taken = true
      const name = bare(target.hostname)
      return secure ? connectTls({ socket, ...(isIP(name) === 0 ? { servername: name } : {}) }) : socket
    }
  }
)

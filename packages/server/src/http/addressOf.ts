import { Effect, Option } from "effect"
import type { HttpServerRequest } from "effect/http"
import { isIP } from "node:net"
import { TrustedProxies } from "./TrustedProxies.ts"

/** How many hops of `X-Forwarded-For` are read. */
const maxHops = 16

/** An IPv4 address in IPv6 form as IPv4; without a zone or a port. */
const plain = (address: string): string =>
  address.trim().replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "").replace(/^\[(.*)\](:\d+)?$/, "$1")

/**
 * Returns the IP address that a request came from; `unknown` if its connection has ended. Behind proxies of
 * `TrustedProxies`: the last address in `X-Forwarded-For` that is none of them.
 */
export const addressOf = ({ headers, remoteAddress }: HttpServerRequest.HttpServerRequest): Effect.Effect<string> =>
  Effect.map(TrustedProxies, (isTrusted) => {
    let address = plain(Option.getOrElse(remoteAddress, () => "unknown"))
    if (!isTrusted(address)) return address
    for (const hop of (headers["x-forwarded-for"] ?? "").split(",").slice(-maxHops).toReversed().map(plain)) {
      if (isIP(hop) === 0) return address
      address = hop
      if (!isTrusted(hop)) return address
    }
    return address
  })

/** The key of an address for limits: of IPv6 the network of 64 bits, since one caller has all of it. */
export const networkOf = (address: string): string => {
  if (isIP(address) !== 6) return address
  const [head = "", tail] = address.toLowerCase().split("::")
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0")
  const network = [...left, ...zeros, ...right].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ""))
  return `${network.join(":")}::/64`
}

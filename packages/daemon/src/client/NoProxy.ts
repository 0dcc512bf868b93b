import { BlockList, isIP, isIPv6 } from "node:net"
import { domainToASCII } from "node:url"

/** Returns whether a server is exempt; `host` has the form of `hostName`. */
type Rule = (host: string, port: number) => boolean

const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

/**
 * Returns a host in lower case, without brackets and final dot; an IPv4 address in the notation of IPv6 (`::ffff:…`) as that
 * IPv4 address.
 */
export const hostName = (text: string): string => {
  const host = text.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "")
  if (!isIPv6(host)) return host
  const short = URL.parse(`http://[${host}]`)?.hostname.slice(1, -1) ?? host
  const [, high, low] = mapped.exec(short) ?? []
  if (high === undefined || low === undefined) return short
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [a >> 8, a & 255, b >> 8, b & 255].join(".")
}

const familyOf = (address: string) => isIPv6(address) ? "ipv6" : "ipv4"

/** Whether an address is in a list of addresses of this family. */
const contains = (list: BlockList, family: "ipv4" | "ipv6") => (host: string): boolean =>
  isIP(host) !== 0 && familyOf(host) === family && list.check(host, family)

const addressRule = (address: string) => {
  const list = new BlockList()
  list.addAddress(address, familyOf(address))
  return contains(list, familyOf(address))
}

const rangeRule = (text: string): Rule | undefined => {
  const [, quoted = "", digits] = /^(.+)\/(\d{1,3})$/.exec(text) ?? []
  const [base, bits] = [hostName(quoted), Number(digits)]
  if (isIP(base) === 0 || bits > (isIPv6(base) ? 128 : 32)) return undefined
  const list = new BlockList()
  list.addSubnet(base, bits, familyOf(base))
  return contains(list, familyOf(base))
}

const label = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/

/** A domain and all below it, with or without a leading `.` or `*.`. */
const domainRule = (text: string) => {
  const domain = domainToASCII(hostName(text).replace(/^\*?\./, ""))
  const labels = domain.split(".")
  // A last label of digits is part of an address, such as `10.0.0`.
  if (!labels.every((one) => label.test(one)) || /^\d+$/.test(labels.at(-1)!)) return undefined
  return (host: string) => host === domain || host.endsWith(`.${domain}`)
}

const hostRule = (name: string) => {
  if (name === "*") return () => true
  return isIP(hostName(name)) === 0 ? domainRule(name) : addressRule(hostName(name))
}

const ruleOf = (entry: string): Rule | undefined => {
  if (entry.includes("/")) return rangeRule(entry)
  if (isIPv6(entry)) return addressRule(hostName(entry))
  const [, name, digits] = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(entry) ?? []
  const rule = name === undefined ? undefined : hostRule(name)
  const only = digits === undefined ? undefined : Number(digits)
  if (rule === undefined || (only !== undefined && only > 65_535)) return undefined
  return (host, port) => (only === undefined || only === port) && rule(host)
}

/** The entries of a `NO_PROXY` list: commas or spaces separate them. */
const entriesOf = (list: string) => list.split(/[,\s]+/).filter((entry) => entry !== "")

/**
 * Returns whether a `NO_PROXY` list names a server. An entry is `*`, a domain with its subdomains, or an IPv4 or IPv6 address,
 * each with or without a port, or a range of addresses such as `10.0.0.0/8`. Host names are not resolved, so only a server
 * whose URL has an address can be in a range. Invalid entries name nothing.
 */
export const isExempt = (list: string, host: string, port: number): boolean =>
  entriesOf(list).some((entry) => ruleOf(entry)?.(host, port) === true)

/** Returns the invalid entries of a `NO_PROXY` list. */
export const notUnderstood = (list: string): ReadonlyArray<string> =>
  entriesOf(list).filter((entry) => ruleOf(entry) === undefined)

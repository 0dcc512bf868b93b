import { Config, Context, Effect, Layer, Option } from "effect"
import { BlockList, isIP } from "node:net"
import { StartupFailure } from "../data/StartupFailure.ts"

const family = (address: string): "ipv4" | "ipv6" => isIP(address) === 6 ? "ipv6" : "ipv4"

/** Adds an address or a range (`10.0.0.0/8`) to the list; returns whether the text is one. */
const add = (list: BlockList, text: string): boolean => {
  const [address = "", bits] = text.split("/")
  const width = isIP(address) === 6 ? 128 : 32
  if (isIP(address) === 0) return false
  if (bits === undefined) {
    list.addAddress(address, family(address))
    return true
  }
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > width) return false
  list.addSubnet(address, Number(bits), family(address))
  return true
}

/**
 * Whether an address is a reverse proxy of this server, whose `X-Forwarded-For` is believed. By default there is none, so
 * that no caller can choose its address.
 */
export const TrustedProxies = Context.Reference<(address: string) => boolean>(
  "@muster/server/http/TrustedProxies",
  { defaultValue: () => () => false }
)

/** Reads the addresses and ranges, separated by commas, from the variable `MUSTER_TRUSTED_PROXIES`. */
export const layerTrustedProxies = Layer.effect(
  TrustedProxies,
  Effect.gen(function*() {
    const text = yield* Effect.orElseSucceed(
      Config.option(Config.String("MUSTER_TRUSTED_PROXIES")),
      () => Option.none()
    )
    const list = new BlockList()
    for (
      const part of Option.getOrElse(text, () => "").split(",").map((one) => one.trim()).filter((one) => one !== "")
    ) {
      if (!add(list, part)) {
        return yield* new StartupFailure({
          reason: "configuration",
          sentence:
            `MUSTER_TRUSTED_PROXIES has ${part}, which is no IP address or range: use a list such as 10.0.0.0/8, ::1`
        })
      }
    }
    return (address: string) => isIP(address) !== 0 && list.check(address, family(address))
  })
)

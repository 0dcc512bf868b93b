import { LeftOut, Model } from "@muster/domain"
import { Option, Schema } from "effect"
import { store, stored } from "../ui/Storage.ts"

/** A list of models and when it was fetched (epoch ms). */
const Listing = Schema.Struct({
  models: Schema.Array(Model.Model),
  supported: Schema.Boolean,
  source: Schema.NullOr(Model.ModelSource),
  at: Schema.Finite,
  /** Entries that are missing in the list. */
  left_out: Schema.optionalKey(LeftOut.LeftOuts)
})
export type Listing = typeof Listing.Type

const Text = Schema.fromJsonString(Listing)
const read = Schema.decodeUnknownOption(Text)
const write = Schema.encodeSync(Text)

/** The maximum length of a stored list, in characters: the browser's storage is small. Longer lists are not stored. */
const maxStoredLength = 500_000

/** The key is the daemon and the provider, which stay the same if the runtime is deleted and registered again. */
const keyOf = (runtime: { readonly daemonId: string | null; readonly provider: string }) =>
  `models:${runtime.daemonId ?? ""}:${runtime.provider}`

export const recall = (runtime: Parameters<typeof keyOf>[0]): Listing | undefined =>
  Option.getOrUndefined(read(stored(keyOf(runtime))))

export const remember = (runtime: Parameters<typeof keyOf>[0], listing: Listing): void => {
  const text = write(listing)
  if (text.length <= maxStoredLength) store(keyOf(runtime), text)
}

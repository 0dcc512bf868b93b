import { LeftOuts, Model, ModelSource } from "@muster/domain"
import { Option, Schema } from "effect"
import { store, stored } from "../ui/Storage.ts"

/** A list of models with the moment (epoch ms) at which it was true. */
const Listing = Schema.Struct({
  models: Schema.Array(Model),
  supported: Schema.Boolean,
  source: Schema.NullOr(ModelSource),
  at: Schema.Finite,
  /** What the runtime has and the list has not. */
  left_out: Schema.optionalKey(LeftOuts)
})
export type Listing = typeof Listing.Type

const Text = Schema.fromJsonString(Listing)
const read = Schema.decodeUnknownOption(Text)
const write = Schema.encodeSync(Text)

/** A list whose text is longer than this is not kept: the browser's memory is small. */
const maxStoredLength = 500_000

/** Kept by what is the same after a deletion and a return: the daemon and its provider. */
const keyOf = (runtime: { readonly daemonId: string | null; readonly provider: string }) =>
  `models:${runtime.daemonId ?? ""}:${runtime.provider}`

export const recall = (runtime: Parameters<typeof keyOf>[0]): Listing | undefined =>
  Option.getOrUndefined(read(stored(keyOf(runtime))))

export const remember = (runtime: Parameters<typeof keyOf>[0], listing: Listing): void => {
  const text = write(listing)
  if (text.length <= maxStoredLength) store(keyOf(runtime), text)
}

import { Predicate, Result, Schema } from "effect"
import { refusedPlace } from "../codec/PlaceOf.ts"
import * as LeftOut from "./LeftOut.ts"

/** A JSON object as its sender made it. */
export type Given = { readonly [key: string]: Schema.Json }

/** A list of a report with independent entries: one that is not accepted is left out, and the others are kept. */
export interface Sifted {
  /** The report's field. */
  readonly field: string
  readonly entry: Schema.Codec<unknown, unknown>
  /** The maximum number of entries that are kept: the first ones. */
  readonly max: number
  /** Normalizes an entry of other daemons. */
  readonly read?: (entry: Given) => Given
}

/** The protocol's other side sends `null` for "no value". */
export const withoutNulls = (given: Given): Given =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))

/** The entries that a schema accepts, in their order, and what was left out of them. */
export const siftEntries = <A>(
  field: string,
  entries: ReadonlyArray<unknown>,
  options: { readonly decode: (entry: unknown) => Result.Result<A, Schema.SchemaError>; readonly max: number }
): { readonly kept: ReadonlyArray<A>; readonly leftOut: ReadonlyArray<LeftOut.LeftOut> } => {
  const kept: Array<A> = []
  let leftOut: ReadonlyArray<LeftOut.LeftOut> = []
  for (const [index, entry] of entries.entries()) {
    const first = `${field}[${index}]`
    if (kept.length >= options.max) {
      const reason = `more than ${options.max} entries`
      leftOut = LeftOut.add(leftOut, { reason, count: entries.length - index, first })
      break
    }
    const decoded = options.decode(entry)
    if (Result.isSuccess(decoded)) kept.push(decoded.success)
    else leftOut = LeftOut.add(leftOut, { reason: refusedPlace(decoded.failure.issue).slice(0, 256), count: 1, first })
  }
  return { kept, leftOut }
}

const isLeftOuts = Schema.is(LeftOut.LeftOuts)

/**
 * A report with only the entries that its kind accepts; `left_out` lists what was left out, including the report's own
 * list. Fails with the reason if the first of the lists has entries and none of them is accepted.
 */
export const siftReport = (lists: ReadonlyArray<Sifted>): (given: Given) => Result.Result<Given, string> => {
  const sieves = lists.map((list) => {
    const decode = Schema.decodeUnknownResult(list.entry)
    const read = list.read ?? withoutNulls
    return {
      ...list,
      decode: (entry: unknown) => {
        const made = Predicate.isObject(entry) ? read(entry as Given) : entry
        return Result.map(decode(made), () => made as Schema.Json)
      }
    }
  })
  if (sieves.length === 0) return Result.succeed
  return ({ left_out: own, ...given }) => {
    const report: Record<string, Schema.Json> = { ...given }
    let leftOut: ReadonlyArray<LeftOut.LeftOut> = isLeftOuts(own) ? own : []
    for (const { decode, field, max } of sieves) {
      const entries = report[field]
      if (!Array.isArray(entries)) continue
      const sifted = siftEntries(field, entries, { decode, max })
      if (field === lists[0]!.field && entries.length > 0 && sifted.kept.length === 0) {
        return Result.fail(`no entry of ${field} is accepted: ${sifted.leftOut[0]!.reason}`)
      }
      report[field] = sifted.kept
      leftOut = sifted.leftOut.reduce(LeftOut.add, leftOut)
    }
    if (leftOut.length > 0) report["left_out"] = leftOut as unknown as Schema.Json
    return Result.succeed(report)
  }
}

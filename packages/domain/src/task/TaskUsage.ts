import { maxUsage, type Result, type Task, type Usage } from "./TaskRecord.ts"
import { maxAttempts } from "./TaskTerms.ts"

const largest = Number.MAX_SAFE_INTEGER

/** A reported number as a count: at least 0, whole, and at most the largest that is exact (2^53 − 1). */
const countOf = (reported: number): number =>
  Number.isNaN(reported) ? 0 : Math.min(largest, Math.max(0, Math.trunc(reported)))

const exact = ({ costUsd, ...usage }: Usage): Usage => ({
  ...usage,
  inputTokens: countOf(usage.inputTokens),
  outputTokens: countOf(usage.outputTokens),
  cacheReadTokens: countOf(usage.cacheReadTokens),
  cacheWriteTokens: countOf(usage.cacheWriteTokens),
  ...(costUsd !== undefined && Number.isFinite(costUsd) && { costUsd })
})

const keyOf = ({ epoch, model, provider }: Usage) => JSON.stringify([epoch, provider, model])

/**
 * The known numbers with those told, which replace the ones of the same claim, provider and model. Of each claim the latest
 * `maxUsage` are kept, and of all claims `maxAttempts` times as many.
 */
export const withUsage = (known: ReadonlyArray<Usage>, told: ReadonlyArray<Usage>): ReadonlyArray<Usage> => {
  const latest = new Map(known.map((usage) => [keyOf(usage), usage]))
  for (const usage of told) {
    latest.delete(keyOf(usage))
    latest.set(keyOf(usage), exact(usage))
  }
  const counts = new Map<number, number>()
  const kept = [...latest.values()].toReversed().filter(({ epoch }) => {
    const count = (counts.get(epoch) ?? 0) + 1
    counts.set(epoch, count)
    return count <= maxUsage
  })
  return kept.slice(0, maxUsage * maxAttempts).toReversed()
}

/** A reported result as the record has it. */
export const exactResult = <R extends Result | null>(result: R): R =>
  result === null ? result : { ...result, rejections: countOf(result.rejections) }

/** The totals of all attempts, each at most 2^53 − 1. */
export const totalUsage = ({ usage }: Pick<Task, "usage">) =>
  usage.reduce((sum, one) => ({
    inputTokens: Math.min(largest, sum.inputTokens + one.inputTokens),
    outputTokens: Math.min(largest, sum.outputTokens + one.outputTokens),
    cacheReadTokens: Math.min(largest, sum.cacheReadTokens + one.cacheReadTokens),
    cacheWriteTokens: Math.min(largest, sum.cacheWriteTokens + one.cacheWriteTokens)
  }), { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 })

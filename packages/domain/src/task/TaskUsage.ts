import type { Task, Usage } from "./TaskRecord.ts"

/** The known numbers with those told, which replace the ones of the same claim, provider and model. */
export const withUsage = (known: ReadonlyArray<Usage>, told: ReadonlyArray<Usage>): ReadonlyArray<Usage> => {
  const isTold = (usage: Usage) =>
    told.some(({ epoch, model, provider }) =>
      epoch === usage.epoch && model === usage.model && provider === usage.provider
    )
  return [...known.filter((usage) => !isTold(usage)), ...told]
}

/** The totals of all attempts. */
export const totalUsage = ({ usage }: Pick<Task, "usage">) =>
  usage.reduce((sum, one) => ({
    inputTokens: sum.inputTokens + one.inputTokens,
    outputTokens: sum.outputTokens + one.outputTokens,
    cacheReadTokens: sum.cacheReadTokens + one.cacheReadTokens,
    cacheWriteTokens: sum.cacheWriteTokens + one.cacheWriteTokens
  }), { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 })

import { availableParallelism } from "node:os"

/**
 * Returns how many CLIs run concurrently: one per core, between 2 and 8. A CLI uses a whole core for seconds to start, so
 * that more of them would slow each other down.
 */
export const cliConcurrency = (): number => Math.min(8, Math.max(2, availableParallelism()))

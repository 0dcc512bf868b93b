import { availableParallelism } from "node:os"

/**
 * How many CLIs are run at a time: one for each core, between 2 and 8. A CLI takes a core for seconds to start, so that
 * more of them starve each other.
 */
export const cliAtOnce = (): number => Math.min(8, Math.max(2, availableParallelism()))

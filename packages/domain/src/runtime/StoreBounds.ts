import { Context } from "effect"
import { maxApiTokens } from "../access/Token.ts"
import { maxRuntimes } from "./Registration.ts"

/** How many rows of one owner a store accepts; tests use fewer. Two concurrent writes may both take the last place. */
export const StoreBounds = Context.Reference<{
  /** Of one workspace. */
  readonly runtimes: number
  /** API tokens of one person that have not ended. */
  readonly tokens: number
}>("@muster/domain/runtime/StoreBounds", { defaultValue: () => ({ runtimes: maxRuntimes, tokens: maxApiTokens }) })

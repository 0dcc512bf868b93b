import { Context } from "effect"
import { maxApiTokens } from "../access/Token.ts"
import { maxRuntimes } from "./Registration.ts"

/** How many rows of one owner a store takes; a test has fewer. Two writes at once may both be the last one. */
export const StoreBounds = Context.Reference<{
  /** Of one workspace. */
  readonly runtimes: number
  /** Of one person, for calls, that have not ended. */
  readonly tokens: number
}>("@muster/domain/runtime/StoreBounds", { defaultValue: () => ({ runtimes: maxRuntimes, tokens: maxApiTokens }) })

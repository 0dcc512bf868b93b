import { Context } from "effect"

/** Whether this command has reported, or must not report, that its token ends soon. */
export const TokenNotice = Context.Reference<{ said: boolean }>("@muster/cli/api/TokenNotice", {
  defaultValue: () => ({ said: false })
})

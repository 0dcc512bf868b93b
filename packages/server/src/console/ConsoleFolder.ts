import { Context } from "effect"

/** The folder with the console's built files. Undefined: this server has no console. Files may be added while it runs. */
export const ConsoleFolder = Context.Reference<string | undefined>("@muster/server/console/ConsoleFolder", {
  defaultValue: () => undefined
})

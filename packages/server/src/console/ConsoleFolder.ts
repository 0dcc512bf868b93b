import { Context } from "effect"

/** Where the console's built files lie. Undefined: this server has no console. They may appear while it runs. */
export const ConsoleFolder = Context.Reference<string | undefined>("@muster/server/console/ConsoleFolder", {
  defaultValue: () => undefined
})

import { Effect, type Layer, Logger } from "effect"

/** Collects what is logged, as `LEVEL message`. */
export const logLines = Effect.sync(() => {
  const lines: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    lines.push(`${logLevel} ${Array.isArray(message) ? message.join(" ") : String(message)}`)
  })
  return { lines, layer: Logger.layer([logger]) as Layer.Layer<never> }
})

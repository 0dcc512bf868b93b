import type { Wake } from "@muster/domain"
import { eachOf } from "@muster/kit"
import { Effect } from "effect"
import type { ServerMetrics } from "./ServerMetrics.ts"

/** Counts published wakes by topic. */
export const observeWakes = (
  real: Wake.Wake["Service"],
  { wakesSent }: ServerMetrics["Service"]
): Wake.Wake["Service"] => ({
  ...real,
  publish: (topic) =>
    Effect.suspend(() => {
      eachOf(wakesSent, topic.slice(0, topic.indexOf(":")))()
      return real.publish(topic)
    })
})

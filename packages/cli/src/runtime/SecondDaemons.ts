import type { RuntimeRecord } from "@muster/domain"
import { ago } from "../output/Text.ts"
import { printable } from "../output/Text.ts"

/** How long it is worth a word that a second machine used a daemon id, in ms. */
const recent = 86_400_000

/** One sentence for each runtime whose daemon id a second machine used in the last 24 hours. */
export const secondDaemons = (runtimes: ReadonlyArray<RuntimeRecord>, now: number): ReadonlyArray<string> =>
  runtimes.flatMap(({ name, secondDaemonAt: at }) =>
    at === undefined || now - at > recent
      ? []
      : [
        `a second machine used the daemon id of ${printable(name)} ${
          ago(at, now)
        }, since its data folder was copied; ` +
        "it was told to register with an id of its own"
      ]
  )

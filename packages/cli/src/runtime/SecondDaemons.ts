import type { Api } from "@muster/domain"
import { ago } from "../output/Text.ts"
import { printable } from "../output/Text.ts"

/** How long the use of a daemon id by a second machine is shown, in ms. */
const recent = 86_400_000

/** Returns one sentence for each runtime whose daemon id a second machine used in the last 24 hours. */
export const secondDaemons = (runtimes: ReadonlyArray<Api.RuntimeRecord>, now: number): ReadonlyArray<string> =>
  runtimes.flatMap(({ name, secondDaemonAt: at }) =>
    at === undefined || now - at > recent
      ? []
      : [
        `a second machine used the daemon id of ${printable(name)} ${ago(at, now)} (a copied data folder); ` +
        "the server told it to register with a new id"
      ]
  )

import { Effect } from "effect"

/** Lets every fiber that can run without time passing run: what has not happened after this waits for the clock or a peer. */
export const settle = Effect.repeat(Effect.yieldNow, { times: 200 })

import { Clock } from "effect"

const machine = Clock.Clock.defaultValue()

/** The machine's time, epoch ms: how long something really took. */
export const wallClock = (): number => machine.currentTimeMillisUnsafe()

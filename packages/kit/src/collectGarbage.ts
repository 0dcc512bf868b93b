import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** Collects all garbage and returns what the heap no longer needs to the system. Stops the process for 50 to 150 ms. */
export const collectGarbage = (): void => {
  setFlagsFromString("--expose-gc")
  const gc = runInNewContext("gc") as NodeJS.GCFunction
  setFlagsFromString("--no-expose-gc")
  gc({ type: "major", execution: "sync", flavor: "last-resort" })
}

import type { Identity } from "../../src/identity/Identity.ts"

/** The identity of a test daemon. */
export const identity: Identity["Service"] = {
  daemonId: "0192d3a0-0000-7000-8000-000000000000",
  instance: "00000000-0000-4000-8000-000000000000",
  deviceName: "box",
  legacyIds: [],
  timezone: "UTC",
  clientVersion: "0.1.0",
  launchedBy: ""
}

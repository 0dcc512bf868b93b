export { type Connection, Dial, SocketEnded } from "./beat/Dial.ts"
export { Conditions } from "./condition/Conditions.ts"
export {
  type DaemonOptions,
  layerDaemon,
  layerDaemonCore,
  layerDaemonOver,
  layerIntervals,
  layerServerAccess
} from "./Daemon.ts"
export { type DaemonSnapshot, DaemonStatus } from "./DaemonStatus.ts"
export { IdentityUnavailable } from "./identity/DaemonIdFile.ts"
export { type IdentityOptions } from "./identity/Identity.ts"
export { type DaemonIntervals, defaultIntervals, Intervals } from "./Intervals.ts"
export { type Cli, CliFailed, Clis, type FoundClis, type SkippedCli } from "./runtime/Clis.ts"
export { layerMachineClis } from "./runtime/MachineClis.ts"
export { ServerApi } from "./server/ServerApi.ts"
export { Gone, Refused, Unreachable } from "./server/ServerError.ts"
export { BadServerUrl } from "./server/ServerUrl.ts"

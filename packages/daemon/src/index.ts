export { type Connection, Dial } from "./beat/Dial.ts"
export { SocketEnded } from "./beat/SocketEnded.ts"
export { ServerApi } from "./client/ServerApi.ts"
export { ServerClock } from "./client/ServerClock.ts"
export { Gone, Refused, Unreachable } from "./client/ServerError.ts"
export { BadServerUrl } from "./client/ServerUrl.ts"
export {
  type DaemonOptions,
  layerDaemon,
  layerDaemonCore,
  layerDaemonOver,
  layerIntervals,
  layerServerAccess
} from "./Daemon.ts"
export { daemonConfig } from "./daemonConfig.ts"
export { type DaemonSnapshot, DaemonStatus } from "./DaemonStatus.ts"
export { cliNotes } from "./DaemonStatus.ts"
export { IdentityUnavailable } from "./identity/DaemonIdFile.ts"
export { type IdentityOptions } from "./identity/Identity.ts"
export { type MachineFile, MachineFileUnusable, readMachineFile } from "./identity/MachineFile.ts"
export { type DaemonIntervals, defaultIntervals, Intervals } from "./Intervals.ts"
export { ControlFile, controlFile, readControlFile } from "./local/ControlFile.ts"
export { localProfile } from "./local/ControlFile.ts"
export { LocalApi } from "./local/LocalApi.ts"
export { LocalHealth } from "./local/LocalHealth.ts"
export { AlreadyRuns, LocalPortTaken } from "./local/ProfileLock.ts"
export { StatusBoard } from "./local/StatusBoard.ts"
export { howToJoin } from "./machine/CredentialStatus.ts"
export { type JoinError, joinMachine } from "./machine/joinMachine.ts"
export { layerMachineClis, layerMachineClisIn } from "./MachineClis.ts"
export { HostEnvironment } from "./process/HostEnvironment.ts"
export { AllowedRepositories } from "./repository/AllowedRepositories.ts"
export { type Cli, CliFailed, Clis, type FoundClis, type SkippedCli } from "./runtime/Clis.ts"
export { folderList } from "./task/TaskFolders.ts"
export { installer } from "./update/install.ts"
export { type Installation, installationOf } from "./update/Installation.ts"
export { UpdateFailed } from "./update/Updater.ts"
export { RunningTasks, Updater } from "./update/Updater.ts"

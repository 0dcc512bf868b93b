export { StartupFailure } from "./data/StartupFailure.ts"
export { layerServer } from "./Server.ts"
export { ServerInfo } from "./ServerInfo.ts"
export type { ServerOptions } from "./ServerOptions.ts"

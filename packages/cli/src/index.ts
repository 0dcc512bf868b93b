export { helpOf, run } from "./Cli.ts"
export { exitCodes, type FailureClass } from "./failure/ExitCode.ts"
export { Profile } from "./profile/Profile.ts"

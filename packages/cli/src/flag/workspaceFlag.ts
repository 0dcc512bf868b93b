import { Flag } from "effect/cli"

/** Which workspace a command is about. */
export const workspaceFlag = Flag.String("workspace").pipe(
  Flag.withDescription("The workspace, by id or slug (default: the profile's, or the only one you are in)"),
  Flag.optional
)

import { Cause, Exit, type Runtime } from "effect"

/** The exit code of a service: 0 if it was asked to stop (SIGTERM, Ctrl-C), 1 if it failed. */
export const serviceTeardown: Runtime.Teardown = (exit, end) =>
  end(Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? 0 : 1)

/**
 * The exit codes of every `muster` command: one number per class of failure. Scripts can rely on them: they do not change.
 *
 * | code | class | when |
 * |---|---|---|
 * | 0 | ok | it worked; `dev`, `server` and `daemon`: they were asked to stop, and stopped |
 * | 1 | other | any other failure, including bugs |
 * | 2 | usage | the command line is wrong, or a name matches several runtimes |
 * | 3 | refused | not signed in, the token is not valid, or it has no permission |
 * | 4 | notFound | no such runtime, workspace, skill or request |
 * | 5 | unanswered | the runtime is offline, the daemon does not run, or one of them did not answer in time |
 * | 6 | failedThere | the request or the task reached the machine and failed there; `skills import`: so did at least one skill |
 * | 7 | server | the server cannot be reached, or cannot answer |
 * | 8 | cannotStart | `dev`, `server`, `daemon`: port taken, data folder unreadable or in use, another daemon of the profile runs |
 * | 9 | cancelled | `run --follow`, `tasks log -f`: the task was canceled |
 * | 10 | rejected | the same: the task ended, but its policy rejected calls of tools |
 * | 11 | timedOut | the same: a limit of time passed |
 * | 75 | – | `daemon` under a supervisor: it was updated and must be restarted |
 * | 130 | – | interrupted with Ctrl-C |
 */
export const exitCodes = {
  other: 1,
  usage: 2,
  refused: 3,
  notFound: 4,
  unanswered: 5,
  failedThere: 6,
  server: 7,
  cannotStart: 8,
  cancelled: 9,
  rejected: 10,
  timedOut: 11
} as const

export type FailureClass = keyof typeof exitCodes

/**
 * The parts of a server's stop, in ms: its sockets are closed (by default in this time), requests finish, and the rest
 * (last-seen times, the audit log, the stores) has what is left.
 */
export const serverStop = { drain: 1_500, finish: 2_000, rest: 1_000 }

/**
 * The timeout of a service's stop, in ms. Supervisors kill a service that has not ended 5 s after they asked it to, unless
 * they are configured to wait longer.
 */
export const stopTimeout = serverStop.drain + serverStop.finish + serverStop.rest

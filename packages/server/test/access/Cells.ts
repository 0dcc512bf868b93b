/**
 * The callers: each column of the table. The runtime is Ana's: `own` is her token, `cookie` her session, `daemon` its
 * own token, `machine` her machine's credential; `anotherMachine` is her second machine; `member` and `admin` are other
 * people of the workspace, a `stranger` is not in it; `task` is the agent of one of Ana's tasks. The last one is called last: it may remove what the others are
 * shown.
 */
export const credentials = [
  "none",
  "malformed",
  "unknown",
  "revoked",
  "expired",
  "stranger",
  "member",
  "admin",
  "anotherDaemon",
  "elsewhere",
  "daemon",
  "machine",
  "anotherMachine",
  "task",
  "cookieAlone",
  "cookie",
  "own"
] as const
export type Credential = (typeof credentials)[number]

/** A status, and the sentence of an error; a success has none. */
export type Cell = readonly [status: number, error?: string]

export interface Endpoint {
  /** Method and path as in the API's description. */
  readonly name: string
  readonly query?: string
  readonly body?: object
  /** A stream: its head is read, its events are not. */
  readonly stream?: true
  readonly cells: Readonly<Record<Credential, Cell>>
}

export const ok: Cell = [200]
export const notFound: Cell = [404, "not found"]
export const noWorkspace: Cell = [404, "workspace not found"]
export const invalid: Cell = [401, "invalid token"]

/** Without the header that repeats its companion, a cookie may only read. */
export const noCsrf: Cell = [403, "CSRF validation failed"]

/** The answer to others of the workspace, if it differs from the one to the runtime's owner. */
export type Others = Partial<Pick<Endpoint["cells"], "member" | "admin">>

/** A route for people: tokens of daemons and tasks of any kind are refused. */
export const person = (
  own: Cell,
  stranger: Cell,
  method: "looks" | "changes" = "changes",
  others: Others = {}
): Endpoint["cells"] => ({
  none: [401, "missing authorization"],
  malformed: [401, "missing authorization"],
  unknown: invalid,
  revoked: invalid,
  expired: invalid,
  stranger,
  anotherDaemon: invalid,
  elsewhere: invalid,
  daemon: invalid,
  machine: invalid,
  anotherMachine: invalid,
  task: invalid,
  cookieAlone: method === "looks" ? own : noCsrf,
  cookie: own,
  own,
  member: own,
  admin: own,
  ...others
})

/** A route for daemons, for their own tokens and their owners'; for no others with any role (F-25). */
export const daemon = (
  own: Cell,
  refused: Pick<Endpoint["cells"], "stranger" | "member" | "admin" | "anotherDaemon" | "elsewhere" | "anotherMachine">
): Endpoint["cells"] => ({
  none: [401, "missing authorization header"],
  malformed: [401, "invalid authorization format"],
  unknown: invalid,
  revoked: invalid,
  expired: invalid,
  daemon: own,
  machine: own,
  task: invalid,
  cookieAlone: [401, "missing authorization header"],
  cookie: [401, "missing authorization header"],
  own,
  ...refused
})

export const everybody = (cell: Cell) =>
  Object.fromEntries(credentials.map((credential) => [credential, cell])) as Record<Credential, Cell>

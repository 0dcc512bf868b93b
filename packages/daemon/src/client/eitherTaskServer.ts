import { Effect } from "effect"
import { type HeldTask, TaskServer, unfenced } from "./TaskServer.ts"

const isLegacy = ({ epoch }: HeldTask) => epoch === unfenced

/**
 * Returns the calls of the server that there is: claims by the kind of the server, what is about a task by the kind of the
 * server that it was claimed from, also by an earlier process.
 */
export const eitherTaskServer = (servers: {
  readonly own: TaskServer["Service"]
  readonly legacy: TaskServer["Service"]
  /** Whether the server is one of v0.3.1. */
  readonly isLegacy: Effect.Effect<boolean>
}) => {
  const { legacy, own } = servers
  const of = (task: HeldTask) => isLegacy(task) ? legacy : own
  const now = Effect.map(servers.isLegacy, (is) => is ? legacy : own)

  return TaskServer.of({
    mustAsk: Effect.flatMap(now, ({ mustAsk }) => mustAsk),
    claim: (input) => Effect.flatMap(now, ({ claim }) => claim(input)),
    beat: (held) => {
      const [fenced, others] = [held.filter((task) => !isLegacy(task)), held.filter(isLegacy)]
      return Effect.zipWith(
        fenced.length === 0 ? Effect.succeed([]) : own.beat(fenced),
        others.length === 0 ? Effect.succeed([]) : legacy.beat(others),
        (some, more) => [...some, ...more]
      )
    },
    inventory: (runtimes, held) => Effect.flatMap(now, ({ inventory }) => inventory(runtimes, held)),
    renew: (task) => of(task).renew(task),
    release: (task) => of(task).release(task),
    begin: (task) => of(task).begin(task),
    pin: (task, session) => of(task).pin(task, session),
    append: (task, events) => of(task).append(task, events),
    settle: (task, end) => of(task).settle(task, end)
  })
}

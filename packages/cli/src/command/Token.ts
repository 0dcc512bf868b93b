import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { muster } from "./Root.ts"

const work = Effect.promise(() => import("../token/Tokens.ts"))

const maxDays = 36_500

const daysFrom = (text: string) => {
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return days >= 1 && days <= maxDays ? Option.some(days) : Option.none()
}

const token = Argument.String("token").pipe(
  Argument.withDescription("A name, an id, the first characters of one, or what the token begins with")
)

const list = Command.make(
  "list",
  {},
  Effect.fnUntraced(function*() {
    const { json } = yield* muster
    yield* (yield* work).listTokens({ json })
  })
).pipe(Command.withDescription("List your tokens and sessions, newest first."))

const create = Command.make(
  "create",
  {
    name: Flag.String("name").pipe(
      Flag.withDescription("What to call the token, such as the machine or job that uses it")
    ),
    scopes: Flag.Literals("scope", ["read", "ask", "run", "admin"]).pipe(
      Flag.withDescription("What it may be used for; repeat the flag for several (default: what your token may)"),
      Flag.atLeast(0)
    ),
    expires: Flag.String("expires").pipe(
      Flag.withMetavar("days"),
      Flag.withDescription("In how many days it ends, 1 to 36500, or never (default: 90)"),
      Flag.filterMap(
        (text) => text === "never" ? Option.some(Option.none<number>()) : Option.map(daysFrom(text), Option.some),
        () => `never, or a whole number from 1 to ${maxDays}`
      ),
      Flag.withDefault(Option.some(90))
    )
  },
  Effect.fnUntraced(function*({ expires, name, scopes }) {
    const { json } = yield* muster
    yield* (yield* work).createToken({ name, scopes, days: expires, json })
  })
).pipe(
  Command.withDescription(
    "Create a token. It is printed to stdout, once. Scopes: read, ask (ask runtimes), run (act as a daemon), admin (change " +
      "and delete). ask, run and admin include read."
  ),
  Command.withShortDescription("Create a token"),
  Command.withExamples([
    { command: "muster token create --name ci --scope ask --expires 30", description: "For a job that asks runtimes" }
  ])
)

const renew = Command.make(
  "renew",
  {
    token: Argument.optional(token),
    expires: Flag.String("expires").pipe(
      Flag.withMetavar("days"),
      Flag.withDescription("In how many days from now it ends, 1 to 36500 (default: 90)"),
      Flag.filterMap(daysFrom, () => `a whole number from 1 to ${maxDays}`),
      Flag.optional
    )
  },
  Effect.fnUntraced(function*({ expires, token }) {
    const { json } = yield* muster
    yield* (yield* work).renewToken({ asked: token, days: expires, json })
  })
).pipe(
  Command.withDescription(
    "Move the end of a token; without a name, of the one that you use. Its secret stays the same. A token ends no later " +
      "than the one that it was made with."
  ),
  Command.withShortDescription("Move the end of a token")
)

const revoke = Command.make(
  "revoke",
  { token },
  Effect.fnUntraced(function*({ token }) {
    const { json } = yield* muster
    yield* (yield* work).revokeToken({ asked: token, json })
  })
).pipe(Command.withDescription("End a token, and all that was made with it."))

export const tokens = Command.make("token").pipe(
  Command.withSubcommands([list, create, renew, revoke]),
  Command.withDescription("Your tokens: list, create, renew and revoke them."),
  Command.withShortDescription("List, create, renew and revoke tokens")
)

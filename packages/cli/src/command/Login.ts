import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { muster } from "./Root.ts"

export const login = Command.make(
  "login",
  {
    server: Flag.String("server").pipe(
      Flag.withDescription("The server's URL (MUSTER_SERVER_URL; default: the profile's, or http://localhost:8080)"),
      Flag.optional
    ),
    token: Flag.Redacted("token").pipe(
      Flag.withDescription(
        "The token (MUSTER_TOKEN; default: read from stdin or typed). Other users of the machine can see a flag"
      ),
      Flag.optional
    ),
    invite: Flag.String("invite").pipe(
      Flag.withDescription(
        "An invitation link: joins the workspace with your account, or with a new one (--name, --email)"
      ),
      Flag.optional
    ),
    name: Flag.String("name").pipe(
      Flag.withDescription("With --invite: your name, for a new account (default: typed)"),
      Flag.optional
    ),
    email: Flag.String("email").pipe(
      Flag.withDescription(
        "With --invite: your e-mail address, for a new account (default: the invitation's, or typed)"
      ),
      Flag.optional
    ),
    workspace: Flag.String("workspace").pipe(
      Flag.withDescription("The workspace to save, by id or slug (default: your first)"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function*({ email, invite, name, ...input }) {
    const { json } = yield* muster
    if (Option.isSome(invite)) {
      const { joinByInvitation } = yield* Effect.promise(() => import("../login/JoinByInvitation.ts"))
      return yield* joinByInvitation({ link: invite.value, name, email, token: input.token, json })
    }
    const work = yield* Effect.promise(() => import("../login/SignIn.ts"))
    yield* work.login({ ...input, json })
  })
).pipe(
  Command.withDescription(
    "Sign in to a server. The server checks the token; then it is saved in ~/.muster/profile.json (mode 0600)."
  ),
  Command.withShortDescription("Sign in to a server"),
  Command.withExamples([
    { command: "muster login --server https://muster.example.com", description: "Type or paste the token" },
    { command: "muster login < token", description: "Read it from a file" },
    {
      command: "muster login --invite LINK --name Ada --email ada@example.com",
      description: "Accept an invitation with a new account"
    }
  ])
)

import { Effect, Option, Redacted, Stream } from "effect"
import * as Prompt from "effect/cli/Prompt"
import * as Stdio from "effect/Stdio"
import { Failure } from "../failure/Failure.ts"
import { environment, longestToken, token } from "../profile/Connection.ts"

const noToken = new Failure({
  class: "usage",
  code: "no_token",
  sentence: "there is no token to sign in with",
  next: "pipe it in (muster login < token-file), set MUSTER_TOKEN, or run muster login on a terminal"
})

/** Reads no more than it takes to see that this is no token. */
const fromStdin = (stdio: Stdio.Stdio) =>
  stdio.stdin.pipe(
    Stream.decodeText(),
    Stream.scan(() => "", (text: string, more: string) => text + more),
    Stream.takeUntil((text) => text.length > longestToken),
    Stream.runLast,
    Effect.map((text) => Option.getOrElse(text, () => "").trim()),
    Effect.mapError(() => noToken),
    Effect.flatMap((text) => text === "" ? Effect.fail(noToken) : token(text, "the input"))
  )

/**
 * The token to sign in with: the flag, MUSTER_TOKEN, a pipe, or what the person types, which is not shown. The question
 * stands on stdout, so nobody is asked where stdout is for a program (`quiet`, or no terminal).
 */
export const askToken = Effect.fnUntraced(function*(flag: Option.Option<Redacted.Redacted>, quiet: boolean) {
  if (Option.isSome(flag)) return yield* token(Redacted.value(flag.value).trim(), "--token")
  const given = yield* environment
  if (Option.isSome(given.token)) return yield* token(given.token.value, "MUSTER_TOKEN")
  const stdio = yield* Stdio.Stdio
  if (!(yield* stdio.stdinIsTerminal)) return yield* fromStdin(stdio)
  if (quiet || !(yield* stdio.stdoutIsTerminal)) return yield* noToken
  const typed = yield* Prompt.run(Prompt.Hidden({ message: "Token (it is not shown)" }))
  return yield* token(Redacted.value(typed).trim(), "the input")
})

import type { WorkspaceRecord } from "@muster/domain"
import { Console, Effect, Option, Redacted, Stream } from "effect"
import * as Prompt from "effect/cli/Prompt"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Stdio from "effect/Stdio"
import { call } from "../api/Call.ts"
import { musterClient } from "../api/MusterClient.ts"
import { Failure } from "../failure/Failure.ts"
import { jsonText, printable } from "../output/Text.ts"
import { environment, maxTokenLength, token } from "../profile/Connection.ts"
import { shortened } from "../profile/Home.ts"
import { readProfile, saveProfile } from "../profile/Profile.ts"
import { defaultServerUrl, serverUrl } from "../profile/ServerUrl.ts"

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
    Stream.takeUntil((text) => text.length > maxTokenLength),
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

type Workspace = typeof WorkspaceRecord.Type

/** The flag, MUSTER_SERVER_URL, the profile's, or this machine's own. */
const chooseServer = Effect.fnUntraced(function*(flag: Option.Option<string>) {
  if (Option.isSome(flag)) return yield* serverUrl(flag.value, "--server")
  const { url } = yield* environment
  if (Option.isSome(url)) return yield* serverUrl(url.value, "MUSTER_SERVER_URL")
  // A broken profile is what a login puts right.
  const saved = yield* Effect.orElseSucceed(readProfile, () => Option.none())
  return Option.isSome(saved) ? yield* serverUrl(saved.value.server_url, "the profile") : defaultServerUrl
})

const chooseWorkspace = (workspaces: ReadonlyArray<Workspace>, asked: Option.Option<string>) => {
  if (Option.isNone(asked)) return Effect.succeed(workspaces[0])
  const found = workspaces.find(({ id, slug }) =>
    id === asked.value.toLowerCase() || slug === asked.value.toLowerCase()
  )
  return found !== undefined ? Effect.succeed(found) : Effect.fail(
    new Failure({
      class: "notFound",
      code: "workspace_not_found",
      sentence: `you are in no workspace "${asked.value}"`,
      next: workspaces.length === 0
        ? "ask an admin there to add you to one"
        : `choose one of: ${workspaces.map(({ slug }) => printable(slug)).join(", ")}`
    })
  )
}

const list = (workspaces: ReadonlyArray<Workspace>, chosen: Workspace | undefined) =>
  workspaces.map(({ id, name, slug }) => `  ${id === chosen?.id ? "*" : " "} ${printable(slug)}  ${printable(name)}`)

/** `muster login`: checks the token with the server and remembers both. Nothing is saved before the server agreed. */
export const login = Effect.fnUntraced(function*(input: {
  readonly server: Option.Option<string>
  readonly token: Option.Option<Redacted.Redacted>
  readonly workspace: Option.Option<string>
  readonly json: boolean
}) {
  const url = yield* chooseServer(input.server)
  const to = { url, token: yield* askToken(input.token, input.json), workspace: undefined, tokenFrom: "login" }
  const muster = yield* musterClient(to)
  const user = yield* muster.access.me().pipe(call(to))
  const workspaces = yield* muster.access.workspaces().pipe(call(to))
  const chosen = yield* chooseWorkspace(workspaces, input.workspace)
  const file = yield* saveProfile({
    server_url: url,
    token: to.token,
    ...(chosen === undefined ? {} : { workspace: chosen.id })
  })
  if (input.json) {
    return yield* Console.log(jsonText({
      server_url: url,
      user,
      workspace: chosen?.id ?? null,
      workspaces: workspaces.map(({ id, name, slug }) => ({ id, name, slug })),
      profile_file: file
    }))
  }
  yield* Console.log([
    `Signed in to ${url} as ${printable(user.name)} (${printable(user.email)}); saved in ${yield* shortened(file)}`,
    workspaces.length === 0 ? "You are in no workspace yet: ask an admin there to add you to one." : "Workspaces:",
    ...list(workspaces, chosen)
  ].join("\n"))
}, Effect.provide(FetchHttpClient.layer))

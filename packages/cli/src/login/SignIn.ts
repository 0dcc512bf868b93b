import { type Api, ConsolePages } from "@muster/domain"
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

/** Where people create tokens; the page asks them to sign in first, as the server allows. */
const tokensPage = (url: string) => `${url}${ConsolePages.all.settings}`

const noToken = (url: string) =>
  new Failure({
    class: "usage",
    code: "no_token",
    sentence: "there is no token to sign in with",
    next: `create one at ${tokensPage(url)}, then pipe it in (muster login < token-file), set MUSTER_TOKEN, or run ` +
      "muster login on a terminal"
  })

/** Reads a token from stdin, but no more than the maximum length of a token. */
const fromStdin = (stdio: Stdio.Stdio, url: string) =>
  stdio.stdin.pipe(
    Stream.decodeText(),
    Stream.scan(() => "", (text: string, more: string) => text + more),
    Stream.takeUntil((text) => text.length > maxTokenLength),
    Stream.runLast,
    Effect.map((text) => Option.getOrElse(text, () => "").trim()),
    Effect.mapError(() => noToken(url)),
    Effect.flatMap((text) => text === "" ? Effect.fail(noToken(url)) : token(text, "the input"))
  )

/**
 * Returns the token to sign in with: from the flag, MUSTER_TOKEN, a pipe, or the person, without echo. The prompt is written
 * to stdout, so there is none if stdout is for a program (`quiet`, or no terminal).
 */
const askToken = Effect.fnUntraced(function*(flag: Option.Option<Redacted.Redacted>, quiet: boolean, url: string) {
  if (Option.isSome(flag)) return yield* token(Redacted.value(flag.value).trim(), "--token")
  const given = yield* environment
  if (Option.isSome(given.token)) return yield* token(given.token.value, "MUSTER_TOKEN")
  const stdio = yield* Stdio.Stdio
  if (!(yield* stdio.stdinIsTerminal)) return yield* fromStdin(stdio, url)
  if (quiet || !(yield* stdio.stdoutIsTerminal)) return yield* noToken(url)
  yield* Console.log(`No token yet? Create one at ${tokensPage(url)}`)
  const typed = yield* Prompt.run(Prompt.Hidden({ message: "Token (input is hidden)" }))
  return yield* token(Redacted.value(typed).trim(), "the input")
})

type Workspace = typeof Api.WorkspaceRecord.Type

/** Returns the server's URL from the flag, MUSTER_SERVER_URL or the profile, else the default on this machine. */
const chooseServer = Effect.fnUntraced(function*(flag: Option.Option<string>) {
  if (Option.isSome(flag)) return yield* serverUrl(flag.value, "--server")
  const { url } = yield* environment
  if (Option.isSome(url)) return yield* serverUrl(url.value, "MUSTER_SERVER_URL")
  // A login replaces a broken profile.
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
      sentence: `you are not a member of a workspace "${asked.value}"`,
      next: workspaces.length === 0
        ? "create one (muster workspaces create NAME), or ask an admin of one for an invitation"
        : `choose one of: ${workspaces.map(({ slug }) => printable(slug)).join(", ")}`
    })
  )
}

const list = (workspaces: ReadonlyArray<Workspace>, chosen: Workspace | undefined) =>
  workspaces.map(({ id, name, slug }) => `  ${id === chosen?.id ? "*" : " "} ${printable(slug)}  ${printable(name)}`)

/** `muster login`: checks the token with the server, then saves both in the profile. */
export const login = Effect.fnUntraced(function*(input: {
  readonly server: Option.Option<string>
  readonly token: Option.Option<Redacted.Redacted>
  readonly workspace: Option.Option<string>
  readonly json: boolean
}) {
  const url = yield* chooseServer(input.server)
  const to = { url, token: yield* askToken(input.token, input.json, url), workspace: undefined, tokenFrom: "login" }
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
    workspaces.length === 0
      ? "You are not a member of a workspace yet: create one (muster workspaces create NAME), or ask an admin of one for " +
        "an invitation."
      : "Workspaces:",
    ...list(workspaces, chosen)
  ].join("\n"))
}, Effect.provide(FetchHttpClient.layer))

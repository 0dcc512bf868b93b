import type { MachineFile } from "@muster/daemon"
import { Console, Effect, Option, Result } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { Failure } from "../failure/Failure.ts"
import { type Style, style } from "../output/Style.ts"
import { jsonText } from "../output/Text.ts"
import { printable } from "../output/Text.ts"
import { connection } from "../profile/Connection.ts"
import { type Check, failed, ok } from "./Check.ts"
import { checkAgents } from "./LocalChecks.ts"
import { checkDaemon } from "./LocalChecks.ts"
import { checkNode, checkProfile, ownMachine } from "./LocalChecks.ts"
import { checkRuntimes, checkServer, checkToken, checkWorkspaces } from "./ServerChecks.ts"

/** A machine that joined needs nobody who is signed in. */
const checkJoined = Effect.fnUntraced(function*({ credential, name, server_url: url }: MachineFile) {
  const server = yield* checkServer({ url, token: credential, workspace: undefined, tokenFrom: "machine.json" })
  const finding = `nobody is signed in; this machine joined ${url} as ${printable(name)}`
  return [server, ok("sign-in", finding)]
})

/** Runs the checks in order and stops at the first failure: the later ones depend on the earlier ones. */
const checkRemote = Effect.gen(function*() {
  const to = yield* Effect.result(connection)
  if (Result.isFailure(to)) {
    const machine = to.failure.code === "not_signed_in" ? yield* ownMachine : Option.none()
    return Option.isNone(machine) ? [failed("sign-in")(to.failure)] : yield* checkJoined(machine.value)
  }
  const done: Array<Check> = []
  for (const check of [checkServer, checkToken, checkWorkspaces, checkRuntimes]) {
    const result = yield* check(to.success)
    done.push(result)
    if (result.status === "fail") break
  }
  return done
})

const line = ({ bold, green, red, yellow }: Style) => ({ finding, name, next, status }: Check) => {
  const mark = { ok: green("ok  "), warn: yellow("warn"), fail: red("fail") }[status]
  return `${mark}  ${bold(name)}: ${printable(finding)}${next === undefined ? "" : `\n      → ${printable(next)}`}`
}

const json = (checks: ReadonlyArray<Check>) => ({
  ok: checks.every(({ status }) => status !== "fail"),
  checks: checks.map(({ finding, name, next, status }) => ({ name, status, says: finding, next: next ?? null }))
})

/** `muster doctor`: checks everything that Muster needs on this machine. */
export const doctor = Effect.fnUntraced(function*(input: { readonly json: boolean }) {
  const [local, remote, agents] = yield* Effect.all([
    Effect.all([checkNode, checkProfile, checkDaemon]),
    checkRemote,
    checkAgents
  ], { concurrency: "unbounded" })
  const checks = [...local, ...remote, ...agents]
  if (!input.json) yield* Console.log(checks.map(line(yield* style)).join("\n"))
  const bad = checks.filter(({ status }) => status === "fail")
  if (bad.length === 0) return input.json ? yield* Console.log(jsonText(json(checks))) : undefined
  return yield* new Failure({
    class: bad[0]!.class ?? "other",
    code: "unhealthy",
    sentence: `${bad.length} of ${checks.length} checks failed: ${bad.map(({ name }) => name).join(", ")}`,
    next: bad[0]!.next ?? "see the lines above",
    details: json(checks)
  })
}, Effect.provide(FetchHttpClient.layer))

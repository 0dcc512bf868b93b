import { type Api, LeftOut, type LocalSkill } from "@muster/domain"
import { Console, Effect, type Option } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession } from "../api/Session.ts"
import { type Style, style } from "../output/Style.ts"
import { table } from "../output/Table.ts"
import { jsonText } from "../output/Text.ts"
import { printable } from "../output/Text.ts"
import { findRuntime } from "../runtime/FindRuntime.ts"
import { runtimeJson } from "../runtime/RuntimeJson.ts"
import { askSkills, type SkillListing } from "./AskSkills.ts"

/** The maximum characters of a description in the list. */
const maxDescription = 60

const short = (text: string) => text.length > maxDescription ? `${text.slice(0, maxDescription - 1)}…` : text

const row = ({ description, file_count, key, name, source_path }: LocalSkill.LocalSkill) => [
  printable(key),
  printable(name),
  String(file_count),
  printable(source_path),
  short(printable(description ?? ""))
]

const text = (
  runtime: Api.RuntimeRecord,
  { left_out, omitted = [], skills = [], supported }: SkillListing,
  style: Style
): string => {
  const name = printable(runtime.name)
  if (supported === false) return `${name} does not support skills.`
  const lost = LeftOut.textOf(left_out)
  const list = (lost === undefined ? "" : `${style.red(printable(lost))}\n\n`) + (skills.length === 0
    ? `${name} has no skills.`
    : table(["KEY", "NAME", "FILES", "FOLDER", "DESCRIPTION"], skills.map(row)))
  const noted = skills.flatMap(({ key, notes = [] }) => notes.map((note) => [printable(key), printable(note)]))
  const left = omitted.map(({ key, reason }) => [printable(key), style.red(printable(reason))])
  return [
    list,
    ...(noted.length === 0 ? [] : [table(["KEY", "NOTE"], noted)]),
    ...(left.length === 0 ? [] : [table(["LEFT OUT", "REASON"], left)])
  ].join("\n\n")
}

/** `muster skills list`: lists the skills on one runtime's machine. */
export const listSkills = Effect.fn("listSkills")(function*(input: {
  readonly runtime: string
  readonly workspace: Option.Option<string>
  readonly json: boolean
}) {
  const session = yield* openSession(input.workspace)
  const runtimes = yield* session.muster.runtimes.list({ query: {} }).pipe(call(session.connection))
  const runtime = yield* findRuntime(runtimes, input.runtime)
  const record = yield* askSkills(session, runtime)
  const { id, left_out = [], omitted = [], skills = [], supported = true } = record
  yield* Console.log(
    input.json
      ? jsonText({ runtime: runtimeJson(runtime), request_id: id, supported, skills, omitted, left_out })
      : text(runtime, record, yield* style)
  )
}, Effect.provide(FetchHttpClient.layer))

import { Api, SkillLibrary } from "@muster/domain"
import { Clock, Console, Effect, type Option, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession, type Session } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { printTable, table } from "../output/Table.ts"
import { ago, jsonText, printable } from "../output/Text.ts"

type Summary = typeof Api.SkillSummaryRecord.Type

/** The minimum length of an id's prefix. */
const minPrefixLength = 4

const maxListed = 5

const unknown = (asked: string) =>
  new Failure({
    class: "notFound",
    code: "skill_not_found",
    sentence: `there is no skill "${printable(asked)}" in this workspace`,
    next: "list them: muster skills library"
  })

const ambiguous = (asked: string, matches: ReadonlyArray<Summary>) => {
  const named = matches.slice(0, maxListed).map(({ id, name }) => `${printable(name)} (${id})`).join(", ")
  const more = matches.length > maxListed ? ` and ${matches.length - maxListed} more` : ""
  return new Failure({
    class: "usage",
    code: "ambiguous_skill",
    sentence: `"${printable(asked)}" matches ${matches.length} skills: ${named}${more}`,
    next: "use its name, or more characters of its id",
    details: { candidates: matches.map(({ id, name }) => ({ id, name })) }
  })
}

/** Finds a skill by name, id or the first characters of its id, in this order. */
export const findSkill = (skills: ReadonlyArray<Summary>, asked: string): Effect.Effect<Summary, Failure> => {
  const text = asked.trim().toLowerCase()
  const exact = skills.find(({ name }) => name === asked) ?? skills.find(({ id }) => id === text)
  if (exact !== undefined) return Effect.succeed(exact)
  const matches = text.length < minPrefixLength ? [] : skills.filter(({ id }) => id.startsWith(text))
  if (matches.length > 1) return Effect.fail(ambiguous(asked, matches))
  return matches[0] === undefined ? Effect.fail(unknown(asked)) : Effect.succeed(matches[0])
}

const encodeSummaries = Schema.encodeSync(Schema.Array(Api.SkillSummaryRecord))
const encodeWhole = Schema.encodeSync(Api.WholeSkillRecord)

interface Input {
  readonly workspace: Option.Option<string>
  readonly json: boolean
}

/** Returns all skills of the workspace, page by page. */
const allSkills = Effect.fnUntraced(function*({ connection, muster }: Session) {
  const skills: Array<Summary> = []
  while (true) {
    const after = skills.at(-1)?.name
    const page: ReadonlyArray<Summary> = yield* muster.skills.list({ query: after === undefined ? {} : { after } })
      .pipe(
        call(connection)
      )
    skills.push(...page)
    if (page.length < SkillLibrary.maxPage) break
  }
  return skills
})

/** `muster skills library`: lists the skills in the workspace's library. */
export const listLibrary = Effect.fn("listLibrary")(function*(input: Input) {
  const session = yield* openSession(input.workspace)
  const skills = yield* allSkills(session)
  if (input.json) return yield* Console.log(jsonText({ skills: encodeSummaries(skills) }))
  if (skills.length === 0) {
    return yield* Console.log("The library is empty. Import skills: muster skills import RUNTIME --all")
  }
  const now = yield* Clock.currentTimeMillis
  const rows = skills.map(({ description, fileCount, id, name, updatedAt }) => [
    id.slice(0, 8),
    printable(name),
    String(fileCount),
    ago(updatedAt, now),
    printable(description).slice(0, 60)
  ])
  yield* printTable(["ID", "NAME", "FILES", "CHANGED", "DESCRIPTION"], rows)
}, Effect.provide(FetchHttpClient.layer))

/** `muster skills show`: prints a skill's text and the list of its files. */
export const showSkill = Effect.fn("showSkill")(function*(input: Input & { readonly skill: string }) {
  const session = yield* openSession(input.workspace)
  const { id } = yield* findSkill(yield* allSkills(session), input.skill)
  const skill = yield* session.muster.skills.one({ params: { skillId: id } }).pipe(call(session.connection))
  if (input.json) return yield* Console.log(jsonText(encodeWhole(skill)))
  const lines = skill.content.split("\n").map((line) => printable(`.${line}`).slice(1))
  const files = skill.files.map(({ content, executable, path }) => [
    printable(path),
    String(Buffer.byteLength(content)),
    executable === true ? "executable" : ""
  ])
  yield* Console.log(lines.join("\n"))
  if (files.length > 0) yield* Console.log(`\n${table(["FILE", "BYTES", "MODE"], files)}`)
}, Effect.provide(FetchHttpClient.layer))

/** `muster skills delete`: deletes a skill from the workspace's library. */
export const deleteSkill = Effect.fn("deleteSkill")(function*(input: Input & { readonly skill: string }) {
  const session = yield* openSession(input.workspace)
  const { id, name } = yield* findSkill(yield* allSkills(session), input.skill)
  yield* session.muster.skills.remove({ params: { skillId: id } }).pipe(call(session.connection))
  yield* Console.log(input.json ? jsonText({ deleted: { id, name } }) : `Deleted ${printable(name)}.`)
}, Effect.provide(FetchHttpClient.layer))

import type { SkillSummaryRecord } from "@muster/domain"
import { Effect } from "effect"
import { Failure } from "../failure/Failure.ts"
import { printable } from "../output/Printable.ts"

type Summary = typeof SkillSummaryRecord.Type

/** An id's first characters name it from this many on. */
const shortestPrefix = 4

const most = 5

const unknown = (asked: string) =>
  new Failure({
    class: "notFound",
    code: "skill_not_found",
    sentence: `there is no skill "${printable(asked)}" in this workspace`,
    next: "see them all: muster skills library"
  })

const ambiguous = (asked: string, matches: ReadonlyArray<Summary>) => {
  const named = matches.slice(0, most).map(({ id, name }) => `${printable(name)} (${id})`).join(", ")
  const more = matches.length > most ? ` and ${matches.length - most} more` : ""
  return new Failure({
    class: "usage",
    code: "ambiguous_skill",
    sentence: `"${printable(asked)}" fits ${matches.length} skills: ${named}${more}`,
    next: "say which by its name, or by more of its id",
    details: { candidates: matches.map(({ id, name }) => ({ id, name })) }
  })
}

/** The skill that a person means: by name, id, or the first characters of an id, in this order. */
export const findSkill = (skills: ReadonlyArray<Summary>, asked: string): Effect.Effect<Summary, Failure> => {
  const text = asked.trim().toLowerCase()
  const exact = skills.find(({ name }) => name === asked) ?? skills.find(({ id }) => id === text)
  if (exact !== undefined) return Effect.succeed(exact)
  const matches = text.length < shortestPrefix ? [] : skills.filter(({ id }) => id.startsWith(text))
  if (matches.length > 1) return Effect.fail(ambiguous(asked, matches))
  return matches[0] === undefined ? Effect.fail(unknown(asked)) : Effect.succeed(matches[0])
}

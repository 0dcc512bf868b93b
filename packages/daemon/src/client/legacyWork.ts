import { Task } from "@muster/domain"
import type { Schema } from "effect"
import type { LegacyClaim } from "./LegacyClaim.ts"
import { type ClaimedWork, unfenced } from "./TaskServer.ts"

/** An issue as far as an agent is told of it. */
export interface LegacyIssue {
  readonly identifier: string
  readonly title: string
  readonly description: string
}

/** A task that this daemon cannot run, and why: a part of a sentence. */
export interface Unrunnable {
  readonly _tag: "Unrunnable"
  readonly why: string
}

interface Runnable {
  readonly _tag: "Runnable"
  readonly work: ClaimedWork
}

/** The maximum number of repositories that an agent is told of. */
const maxRepos = 20

/** The maximum characters of what an agent is told. */
const maxPrompt = 4 * Task.maxPrompt

const unrunnable = (why: string): Unrunnable => ({ _tag: "Unrunnable", why })

/** Whether there is nothing in it: null, `{}`, `[]`, or an object of only those. */
const isEmpty = (value: Schema.Json | undefined): boolean =>
  value === undefined || value === null || value === "" ||
  (typeof value === "object" && Object.values(value).every((inner) => isEmpty(inner as Schema.Json)))

/** What the task's agent has that this daemon does not set up. */
const missing = ({ agent, chat_message_attachments, squad_id }: LegacyClaim): ReadonlyArray<string> =>
  [
    [agent?.skills, "skills"],
    [agent?.mcp_config, "MCP servers"],
    [agent?.custom_env, "environment variables"],
    [agent?.custom_args, "CLI arguments"],
    [chat_message_attachments, "attachments"],
    [squad_id, "a squad to lead"]
  ].flatMap(([value, name]) => isEmpty(value as Schema.Json) ? [] : [name as string])

/** The folder that tasks of one conversation share; without one, each has its own. */
const placeOf = ({ agent_id, chat_session_id, issue_id }: LegacyClaim): { readonly place?: string } => {
  if (chat_session_id) return { place: chat_session_id }
  return issue_id ? { place: agent_id ? `${issue_id}-${agent_id}` : issue_id } : {}
}

const lines = (...parts: ReadonlyArray<string | null | undefined>) =>
  parts.map((part) => (part ?? "").trim()).filter((part) => part !== "").join("\n\n")

const issueWords = (claim: LegacyClaim, issue: LegacyIssue | undefined) => {
  if (issue === undefined) return ""
  const comment = (claim.trigger_comment_content ?? "").trim()
  const author = (claim.trigger_author_name ?? "").trim()
  return lines(
    `Issue ${issue.identifier}: ${issue.title}`,
    issue.description,
    comment === "" ? "" : `A comment on it${author === "" ? "" : ` by ${author}`}, which you are to answer:`,
    comment,
    "Your last message is posted as a comment on this issue."
  )
}

const autopilotWords = ({ autopilot_description, autopilot_title, autopilot_trigger_payload }: LegacyClaim) =>
  isEmpty(autopilot_description)
    ? ""
    : lines(
      autopilot_title,
      autopilot_description,
      isEmpty(autopilot_trigger_payload) ? "" : `What triggered it:\n${JSON.stringify(autopilot_trigger_payload)}`
    )

/** What a person or a rule wants done, by the first form that the task has. Source: `docs/protocol.md` 9.2, `kind`. */
const words = (claim: LegacyClaim, issue: LegacyIssue | undefined): string | Unrunnable => {
  if (claim.chat_session_id) return (claim.chat_message ?? "").trim()
  if (claim.issue_id) return issueWords(claim, issue)
  if (claim.autopilot_run_id) return autopilotWords(claim)
  return isEmpty(claim.quick_create_prompt)
    ? ""
    : unrunnable("it is to create an issue, which needs the CLI of Multica")
}

/** Whether the words of the task are in the text of its issue, which a claim does not have. */
export const needsIssue = (claim: LegacyClaim): boolean => !claim.chat_session_id && !isEmpty(claim.issue_id)

const promptOf = ({ agent, repos }: LegacyClaim, said: string) => {
  const urls = (repos ?? []).slice(0, maxRepos).map(({ url }) => url.trim()).filter((url) => url !== "")
  return lines(agent?.instructions, said, urls.length === 0 ? "" : `Repositories of the project:\n${urls.join("\n")}`)
}

/** Returns what this daemon does for a claimed task of a v0.3.1 server. Every permission is given, as its own daemon does. */
export const legacyWork = (claim: LegacyClaim, issue: LegacyIssue | undefined): Runnable | Unrunnable => {
  const without = missing(claim)
  if (without.length > 0) return unrunnable(`it has ${without.join(", ")}, which this daemon cannot set up`)
  const said = words(claim, issue)
  if (typeof said !== "string") return said
  if (said === "") return unrunnable("it says nothing of what is to be done")
  const prompt = promptOf(claim, said)
  if (prompt.length > maxPrompt) return unrunnable(`what it says is longer than ${maxPrompt} characters`)
  const { agent, id, prior_session_id, runtime_id, workspace_id } = claim
  return {
    _tag: "Runnable",
    work: {
      id,
      epoch: unfenced,
      attempt: 1,
      runtimeId: runtime_id,
      workspaceId: workspace_id,
      prompt,
      folder: null,
      model: agent?.model || null,
      policy: "all",
      session: prior_session_id || null,
      token: null,
      ...placeOf(claim)
    }
  }
}

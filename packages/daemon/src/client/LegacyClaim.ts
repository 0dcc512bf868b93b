import { Identity, Runtime, Task, Uuid } from "@muster/domain"
import { Option, Schema } from "effect"

/** Go omits what is empty, or sends null. */
const optional = <Value extends Schema.Constraint>(value: Value) => Schema.optionalKey(Schema.NullOr(value))
const text = optional(Schema.String)
const entries = optional(Schema.Array(Schema.Json))
const id = optional(Schema.Union([Uuid.Uuid, Schema.Literal("")]))

const LegacyAgent = Schema.Struct({
  name: text,
  instructions: text,
  model: text,
  skills: entries,
  custom_env: optional(Schema.Json),
  custom_args: entries,
  mcp_config: optional(Schema.Json)
})

/** A task in the reply to a claim, without what this daemon does not read. Source: `docs/protocol.md` 9.2. */
const LegacyClaim = Schema.Struct({
  id: Task.TaskId,
  runtime_id: Runtime.RuntimeId,
  workspace_id: Identity.WorkspaceId,
  agent_id: id,
  agent: optional(LegacyAgent),
  repos: optional(Schema.Array(Schema.Struct({ url: Schema.String }))),
  prior_session_id: text,
  issue_id: id,
  trigger_comment_content: text,
  trigger_author_name: text,
  chat_session_id: id,
  chat_message: text,
  chat_message_attachments: entries,
  autopilot_run_id: text,
  autopilot_title: text,
  autopilot_description: text,
  autopilot_trigger_payload: optional(Schema.Json),
  quick_create_prompt: text,
  squad_id: text
})
export type LegacyClaim = typeof LegacyClaim.Type

const Named = Schema.Struct({ id: Task.TaskId })

/** What a claim's task is: `unreadable`: only its id can be read. */
export type ReadClaim =
  | { readonly _tag: "Task"; readonly task: LegacyClaim }
  | { readonly _tag: "Unreadable"; readonly id: Task.TaskId }

const decode = Schema.decodeUnknownOption(LegacyClaim)
const decodeNamed = Schema.decodeUnknownOption(Named)

/** Reads a claim's task; none: it has no id by which it could be reported. */
export const readClaim = (json: Schema.Json): Option.Option<ReadClaim> =>
  Option.match(decode(json), {
    onSome: (task) => Option.some<ReadClaim>({ _tag: "Task", task }),
    onNone: () => Option.map(decodeNamed(json), (named): ReadClaim => ({ _tag: "Unreadable", id: named.id }))
  })

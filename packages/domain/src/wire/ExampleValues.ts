/** What an example shows for a field of this name: the first value that its schema allows. */
export type Values = ReadonlyArray<unknown>

/** The identity in an example for which no field has one of its own. */
export const anyId = "3c5e7a9b-1d2f-4b6c-8e0a-5f7d9b1c3e5a"

const tokenId = "5d4c3b2a-1f0e-4d9c-8b7a-6f5e4d3c2b1a"
const runtime = "1f0c3a5e-7b2d-4c8e-9a6f-2d4b8e0c1a37"
const workspace = "6b1f9c0e-3a7d-4e52-8f14-0c9d2a5b7e68"
const person = "c2d8e4f0-5a1b-4396-b7c8-9e0f1a2b3c4d"
const task = "9d3e7a10-4c5b-4f8a-a2d6-7e1b0c3f5a92"
const machine = "4e6a8c0d-2f1b-4d3e-8a5c-7b9d1f3e5a60"

const createdAt = "2026-03-02T09:00:00.000Z"
const startedAt = "2026-03-02T09:00:02.000Z"
const endedAt = "2026-03-02T09:00:41.000Z"
const expiresAt = "2026-06-01T09:00:00.000Z"

/** Fields that mean the same in each group of the API. */
export const common: Readonly<Record<string, Values>> = {
  runtime_id: [runtime],
  workspace_id: [workspace],
  id: [anyId],
  user_id: [person],
  owner_id: [person],
  created_by: [person],
  inviter_id: [person],
  by: [person],
  invitee_user_id: [null],
  task_id: [task],
  machine_id: [machine],
  join_key_id: [null],
  daemon_id: ["laptop"],
  retry_of: [null],
  cancelled_by: [null],
  runtime_name: ["OpenCode on laptop"],
  owner_name: ["Ada"],
  inviter_name: ["Ada"],
  by_name: ["Ada"],
  inviter_email: ["ada@example.com"],
  invitee_email: ["grace@example.com"],
  email: ["ada@example.com"],
  workspace_name: ["Home"],
  workspace_slug: ["home"],
  slug: ["home"],
  issue_prefix: ["HOM"],
  machine_name: ["laptop"],
  device_name: ["laptop"],
  device_info: ["laptop (linux x64)"],
  provider: ["opencode"],
  version: ["1.18.33"],
  cli_version: ["0.1.0"],
  target_version: ["0.2.0"],
  launched_by: ["service"],
  launch_header: [""],
  runtime_mode: ["local"],
  visibility: ["private"],
  role: ["member"],
  scopes: [["read", "ask"]],
  status: ["completed", "online", "ok"],
  state: ["joined", "valid"],
  model: ["anthropic/claude-sonnet-4"],
  default_model: ["anthropic/claude-sonnet-4"],
  prompt: ["Add a test for the parser."],
  context: [null],
  folder: ["/home/ada/project"],
  work_dir: ["/home/ada/project"],
  policy: ["all"],
  session: ["ses_4f2a"],
  session_id: ["ses_4f2a"],
  stop_reason: ["end_turn"],
  text: ["The test is in parser.test.ts."],
  tool: ["execute"],
  title: ["npm test"],
  output: ["The test is in parser.test.ts."],
  error: ["The agent ended without an answer."],
  failure_reason: ["agent_error"],
  notes: [[]],
  type: ["text"],
  what: ["redelivery"],
  url: ["https://git.example.com/home/project.git"],
  skill_key: ["release-notes"],
  skill_id: ["0a9b8c7d-6e5f-4a3b-8c2d-1e0f9a8b7c6d"],
  source_path: ["~/.claude/skills/release-notes"],
  description: ["Writes release notes."],
  path: ["SKILL.md"],
  content: ["---\nname: release-notes\ndescription: Writes release notes.\n---\n"],
  labels: [["build"]],
  note: ["Moves to another room."],
  secret: ["mul_…"],
  token: ["mul_…"],
  prefix: ["mul_1a2b"],
  token_prefix: ["mul_1a2b"],
  token_name: ["laptop"],
  timezone: ["Europe/Berlin"],
  input_tokens: [1200],
  output_tokens: [310],
  cache_read_tokens: [9400],
  cache_write_tokens: [0],
  cost_usd: [0.021],
  total: [1],
  online: [1],
  all: [1],
  count: [1],
  slots: [5],
  epoch: [1],
  number: [1],
  seq: [1],
  offset: [1],
  first: [1],
  last: [1],
  uptime: [0.998],
  beats: [40],
  up: [1],
  bucket_seconds: [600],
  max_ms: [42],
  cli_ms: [180],
  held_ms: [12],
  max_uses: [null],
  uses: [1],
  expires_in_days: [90],
  worth_waiting_s: [15],
  client: ["muster/0.1.0"],
  address: ["192.0.2.10"],
  on: ["replica-1"],
  replica: ["replica-1"],
  reason: ["outdated"],
  action: ["runtime.rename"],
  order: ["cancel"],
  outcome: ["worked"],
  transport: ["socket"],
  via: ["socket"],
  confirm: ["home"],
  created_on: ["replica-1"],
  kind: ["model_list"],
  event: ["message"],
  max_tasks: [5],
  attempt: [1],
  file_count: [2],
  members: [3],
  invitations: [1],
  runtimes: [2],
  machines: [2],
  skills: [5],
  requests: [120],
  daemon_tokens: [1],
  runtime_ids: [[runtime]],
  gone: [[]],
  workspaces: [[workspace]],
  repos_version: ["3f9c0b7e"],
  drain: [null, true],
  task: [null],
  added: [true],
  reachable: [true],
  may_manage: [true],
  credential_revoked: [true],
  code: ["0123456789"],
  created_at: [createdAt],
  added_at: [createdAt],
  joined_at: [createdAt],
  at: [createdAt, 1_772_442_000_000],
  since: [createdAt],
  claimed_at: [startedAt],
  started_at: [startedAt],
  cached_at: [startedAt],
  updated_at: [endedAt],
  ended_at: [endedAt],
  completed_at: [endedAt],
  last_seen_at: [endedAt],
  last_beat_at: [endedAt],
  last_used_at: [endedAt],
  expires_at: [expiresAt],
  credential_expires_at: [expiresAt],
  revoked_at: [null],
  next: [null],
  trouble: [null],
  ephemeral: [false],
  ok: [true],
  supported: [true],
  default: [true]
}

const ada = { id: [person], name: ["Ada"], email: ["ada@example.com"] }
const home = { id: [workspace], name: ["Home"], description: ["The team's machines."] }
const openCode = { id: [runtime], name: ["OpenCode on laptop"] }
const laptop = { id: [machine], name: ["laptop"] }
const releaseNotes = { name: ["release-notes"] }
const grace = {
  name: ["Grace"],
  email: ["grace@example.com"],
  secret: ["miv_…"],
  path: ["/#invite=miv_…"],
  expires_in_days: [7]
}
const buildKey = { id: ["7f2e4c6a-8b0d-4f1e-9c3a-5d7b9f1e3a60"], name: ["build machines"], key: ["mjk_…"] }
const parserTest = { id: [task], key: [null] }

/** Fields that mean something else in one place. */
type Within = Readonly<Record<string, Readonly<Record<string, Values>>>>

/** In the field of this name. */
export const ofField: Within = {
  user: ada,
  added_by: ada,
  actor: ada,
  credential: { id: [tokenId] },
  target: { ...openCode, kind: ["runtime"] },
  oidc: { name: ["Example"], url: ["https://login.example.com"] },
  session: { id: ["ses_4f2a"] },
  attempts: { reason: [null] },
  used: { text: ["listed 12 models"] },
  started: { text: ["opencode 1.18.33 starts"] },
  coming: { text: ["The request is delivered again."] },
  workspaces: home,
  machine: laptop,
  machines: laptop,
  runtime: openCode,
  runtimes: openCode,
  models: { id: ["anthropic/claude-sonnet-4"], label: ["Claude Sonnet 4"], provider: ["anthropic"] },
  skill: releaseNotes,
  skills: { ...releaseNotes, key: ["release-notes"] },
  providers: { value: ["opencode"], name: ["OpenCode"] },
  owners: { value: [person], name: ["Ada"] },
  labels: { value: ["build"], name: ["build"] },
  groups: { key: ["laptop"], name: ["laptop"] }
}

/** In the operation of this id. */
export const ofOperation: Within = {
  "access.me": ada,
  "access.workspaces": home,
  "access.createWorkspace": home,
  "machines.keys": buildKey,
  "machines.createKey": buildKey,
  "machines.revokeKey": buildKey,
  "machines.add": { token: ["mjt_…"] },
  "workspaces.one": home,
  "workspaces.edit": home,
  "workspaces.replace": home
}

/** In a group of operations. */
export const ofGroup: Within = {
  access: { id: [tokenId], name: ["laptop"] },
  daemon: openCode,
  daemonTasks: { ...parserTest, next: [2], token: ["mtk_…"], status: ["running"] },
  fleet: openCode,
  invitations: grace,
  inviteLink: grace,
  join: { ...laptop, token: ["mjt_…"], credential: ["mmc_…"] },
  journal: { text: ["The models were listed in 0.2 s."] },
  legacyTasks: { ...parserTest, content: ["The test is in parser.test.ts."] },
  localSkillImport: releaseNotes,
  localSkillList: releaseNotes,
  machineCredential: { credential: ["mmc_…"] },
  machines: laptop,
  members: { ...grace, id: [person] },
  ownTask: parserTest,
  profile: ada,
  repositories: { version: ["3f9c0b7e"], max: [500] },
  runtimes: openCode,
  skills: releaseNotes,
  tasks: parserTest,
  workspaces: grace
}

/** Optional fields that most replies do not have. */
export const rare: ReadonlySet<string> = new Set([
  "cli_error",
  "cli_verdict",
  "code",
  "conflict",
  "credential_revoked",
  "error",
  "failure_reason",
  "left_out",
  "omitted",
  "runtime_gone",
  "second_daemon_at",
  "service_tiers",
  "thinking"
])

/** Bodies that their schema does not tell, by the id of the operation. */
export const bodies: Readonly<Record<string, unknown>> = {
  "signIn.signIn": { token: "mul_…" },
  "daemon.register": {
    workspace_id: workspace,
    daemon_id: "laptop",
    device_name: "laptop",
    cli_version: "0.1.0",
    runtimes: [{ name: "OpenCode on laptop", type: "opencode", version: "1.18.33", status: "online" }]
  },
  "daemonLoop.heartbeat": { runtime_id: runtime },
  "daemonLoop.report": {
    status: "completed",
    models: [{ id: "anthropic/claude-sonnet-4", label: "Claude Sonnet 4", provider: "anthropic", default: true }],
    supported: true
  },
  "tasks.create": {
    runtime_id: runtime,
    prompt: "Add a test for the parser.",
    folder: "/home/ada/project"
  }
}

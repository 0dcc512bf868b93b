import { Api, Identity, Kinds, Request, Runtime } from "@muster/domain"

export type Listing = typeof Api.ModelListRecord.Type
const PingSchema = Api.requestRecord(Kinds.Ping)
export type PingRecord = typeof PingSchema.Type

const uuid = (digit: string) => `${digit.repeat(8)}-0000-4000-8000-000000000000`

export const token = `mul_${"a".repeat(40)}`

export const user = { id: Identity.UserId.make(uuid("d")), name: "Ada", email: "ada@example.com" }

export const workspace = (digit: string, slug: string) => ({
  id: Identity.WorkspaceId.make(uuid(digit)),
  name: slug.toUpperCase(),
  slug,
  description: null,
  context: null,
  settings: {},
  repos: [],
  issuePrefix: "ADA",
  createdAt: 0,
  updatedAt: 0
})

/** A runtime whose id begins with eight times `digit`. */
export const runtime = (digit: string, fields: Partial<Api.RuntimeRecord> = {}): Api.RuntimeRecord => ({
  id: Runtime.RuntimeId.make(uuid(digit)),
  workspaceId: Identity.WorkspaceId.make(uuid("e")),
  daemonId: Identity.DaemonId.make("0198c000-0000-7000-8000-000000000000"),
  name: `Opencode ${digit}`,
  runtimeMode: "local",
  provider: "opencode",
  launchHeader: "",
  status: "online",
  deviceInfo: "laptop · 1.2.3",
  metadata: { version: "1.2.3" },
  ownerId: null,
  visibility: "private",
  timezone: "UTC",
  lastSeenAt: 0,
  createdAt: 0,
  updatedAt: 0,
  ...fields
})

/** A request of runtime `1` in this state. */
export const listing = (fields: Partial<Listing> & Pick<Listing, "status">): Listing => ({
  id: Request.RequestId.make("0".repeat(32)),
  runtimeId: runtime("1").id,
  createdAt: 0,
  updatedAt: 0,
  supported: true,
  ...fields
})

import { HttpApi, OpenApi } from "effect/http-api"
import { AccessApi } from "./AccessApi.ts"
import { AuditApi } from "./AuditApi.ts"
import { BackupApi } from "./BackupApi.ts"
import { CatalogueApi } from "./CatalogueApi.ts"
import { DaemonApi, DaemonLoopApi } from "./DaemonApi.ts"
import { DaemonTaskApi } from "./DaemonTaskApi.ts"
import { described } from "./Described.ts"
import { EventsApi } from "./EventsApi.ts"
import { FleetApi } from "./FleetApi.ts"
import { InvitationApi, InviteLinkApi } from "./InvitationApi.ts"
import { JoinApi, MachineCredentialApi } from "./JoinApi.ts"
import { JournalApi } from "./JournalApi.ts"
import { LegacyTaskApi } from "./LegacyTaskApi.ts"
import { MachineApi } from "./MachineApi.ts"
import { MemberApi } from "./MemberApi.ts"
import { ProfileApi } from "./ProfileApi.ts"
import { RepositoryApi } from "./RepositoryApi.ts"
import { requestGroups } from "./RequestApi.ts"
import { RuntimeApi } from "./RuntimeApi.ts"
import { SessionApi, SignInApi } from "./SessionApi.ts"
import { SkillApi } from "./SkillApi.ts"
import { OwnTaskApi, TaskApi } from "./TaskApi.ts"
import { WorkspaceApi } from "./WorkspaceApi.ts"

export * from "../skill/SkillRecord.ts"
export * from "./AccessApi.ts"
export * from "./AuditApi.ts"
export * from "./CatalogueApi.ts"
export * from "./DaemonApi.ts"
export * from "./DaemonTaskApi.ts"
export * from "./EventsApi.ts"
export * from "./FleetApi.ts"
export * from "./HealthApi.ts"
export * from "./InvitationApi.ts"
export * from "./JoinApi.ts"
export * from "./JournalApi.ts"
export * from "./LegacyTaskApi.ts"
export * from "./MachineApi.ts"
export * from "./MemberApi.ts"
export * from "./ProfileApi.ts"
export * from "./RepositoryApi.ts"
export * from "./RequestApi.ts"
export * from "./RequestRecord.ts"
export * from "./RuntimeApi.ts"
export * from "./RuntimeHistoryRecord.ts"
export * from "./RuntimeRecord.ts"
export * from "./SessionApi.ts"
export * from "./SkillApi.ts"
export * from "./TaskApi.ts"
export * from "./WorkspaceApi.ts"

/** The version of this release. */
export const version = "0.1.0"

const about = OpenApi.annotations({
  title: "Muster",
  version,
  description: "The control plane for coding-agent runtimes. Errors are `{\"error\": sentence, \"code\": word}`.",
  servers: [{ url: "/", description: "This server" }],
  transform: described
})

/** What typed clients call and typed handlers answer. */
export class MusterApi
  extends HttpApi.make("muster").add(SignInApi).add(SessionApi).add(AccessApi).add(MemberApi).add(EventsApi).add(
    BackupApi
  ).add(
    ProfileApi
  )
    .add(WorkspaceApi).add(RepositoryApi).add(InvitationApi).add(InviteLinkApi)
    .add(DaemonApi).add(DaemonTaskApi).add(LegacyTaskApi).add(RuntimeApi).add(FleetApi).add(CatalogueApi).add(
      ...requestGroups
    ).add(
      JournalApi
    ).add(SkillApi)
    .add(TaskApi).add(OwnTaskApi).add(AuditApi).add(MachineApi).add(JoinApi).add(MachineCredentialApi).annotateMerge(
      about
    )
{}

/** Everything the server answers, for the OpenAPI page: the typed routes and those served beside them. */
export class DocumentedApi
  extends HttpApi.make("muster").add(SignInApi).add(SessionApi).add(AccessApi).add(MemberApi).add(EventsApi).add(
    BackupApi
  ).add(
    ProfileApi
  )
    .add(WorkspaceApi).add(RepositoryApi).add(InvitationApi).add(InviteLinkApi)
    .add(DaemonApi).add(DaemonLoopApi).add(DaemonTaskApi).add(LegacyTaskApi).add(RuntimeApi).add(FleetApi).add(
      CatalogueApi
    ).add(
      ...requestGroups
    ).add(
      JournalApi
    )
    .add(SkillApi).add(TaskApi).add(OwnTaskApi).add(AuditApi).add(MachineApi).add(JoinApi).add(MachineCredentialApi)
    .annotateMerge(
      about
    )
{}

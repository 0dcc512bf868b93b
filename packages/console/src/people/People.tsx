import { type Identity, MemberRules } from "@muster/domain"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { invitations, members } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { useRole } from "../session/useRole.ts"
import { Ago, spanLeft } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { useNow } from "../ui/Clock.ts"
import { FormDialog } from "../ui/FormDialog.tsx"
import { Failure, Loading } from "../ui/State.tsx"
import { say } from "../ui/Toast.tsx"
import { useTitle } from "../ui/useTitle.ts"
import { useWorkspace } from "../workspace/Workspace.ts"
import { Invite } from "./Invite.tsx"

const roles: ReadonlyArray<Identity.Role> = ["owner", "admin", "member"]

type Member = { readonly id: Identity.UserId; readonly name: string; readonly role: Identity.Role }

/** The dialog that removes a member. */
const Remove = ({ close, member }: { readonly member: Member; readonly close: () => void }) => {
  const workspaceId = useWorkspace()
  const queries = useQueryClient()
  return (
    <FormDialog
      title={`Remove ${member.name}?`}
      action="Remove"
      danger
      close={close}
      submit={async () => {
        await run(clientOf().workspaces.removeMember({ params: { workspaceId, memberId: member.id } }))
        await queries.invalidateQueries({ queryKey: ["in", workspaceId] })
        say(`${member.name} was removed.`)
      }}
    >
      <p>
        {member.name}{" "}
        loses access within 10 seconds. Their runtimes and machines leave this workspace. Imported skills and requests
        remain.
      </p>
    </FormDialog>
  )
}

const RoleSelect = ({ member, role }: { readonly member: Member; readonly role: Identity.Role | undefined }) => {
  const workspaceId = useWorkspace()
  const queries = useQueryClient()
  const may = (to: Identity.Role) => role !== undefined && MemberRules.mayChangeRole(role, member.role, to)
  if (!roles.some((to) => to !== member.role && may(to))) return <span className="tag">{member.role}</span>
  const change = async (to: Identity.Role) => {
    try {
      await run(
        clientOf().workspaces.changeRole({ params: { workspaceId, memberId: member.id }, payload: { role: to } })
      )
      say(`${member.name} is now ${to}.`)
    } catch (problem) {
      say(`${(problem as Error).message}.`, "bad")
    }
    await queries.invalidateQueries({ queryKey: members(workspaceId).queryKey })
  }
  return (
    <select
      className="fit"
      aria-label={`Role of ${member.name}`}
      value={member.role}
      onChange={({ target }) => void change(target.value as Identity.Role)}
    >
      {roles.filter((to) => to === member.role || may(to)).map((to) => <option key={to}>{to}</option>)}
    </select>
  )
}

const Members = () => {
  const query = useQuery(members(useWorkspace()))
  const { role, userId } = useRole()
  const [removing, setRemoving] = useState<Member>()
  return (
    <section className="card" aria-label="Members">
      <header>
        <h2>Members</h2>
      </header>
      {query.data === undefined
        ? query.error === null
          ? <Loading what="the members" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : (
          <ul className="plain-rows">
            {query.data.map((member) => (
              <li key={member.id}>
                <span>
                  <b>{member.name}</b> {member.id === userId ? <span className="tag accent">you</span> : null}{" "}
                  <span className="muted">{member.email}</span>
                </span>
                <span className="tools">
                  <RoleSelect member={member} role={role} />
                  {member.id !== userId && role !== undefined && MemberRules.mayRemoveMember(role, member.role)
                    ? (
                      <Button
                        kind="quiet"
                        onClick={() => setRemoving(member)}
                        aria-label={`Remove ${member.name}`}
                      >
                        Remove …
                      </Button>
                    )
                    : null}
                </span>
              </li>
            ))}
          </ul>
        )}
      {removing === undefined ? null : <Remove member={removing} close={() => setRemoving(undefined)} />}
    </section>
  )
}

const Invitations = () => {
  const workspaceId = useWorkspace()
  const queries = useQueryClient()
  const query = useQuery(invitations(workspaceId))
  const { role } = useRole()
  const now = useNow(60_000)
  const revoke = async (invitationId: string) => {
    try {
      await run(clientOf().workspaces.revokeInvitation({ params: { workspaceId, invitationId } }))
      say("The invitation was revoked.")
    } catch (problem) {
      say(`${(problem as Error).message}.`, "bad")
    }
    await queries.invalidateQueries({ queryKey: invitations(workspaceId).queryKey })
  }
  return (
    <section className="card" aria-label="Invitations">
      <header>
        <h2>Invitations</h2>
      </header>
      {query.data === undefined
        ? query.error === null
          ? <Loading what="the invitations" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : query.data.length === 0
        ? <p className="muted">No pending invitations.</p>
        : (
          <ul className="plain-rows">
            {query.data.map((one) => (
              <li key={one.id}>
                <span>
                  <b>{one.inviteeEmail ?? "Anyone with the link"}</b> <span className="tag">{one.role}</span>
                  <br />
                  <span className="muted small">
                    by {one.inviterName}, <Ago at={one.createdAt} />; expires in {spanLeft(one.expiresAt - now)}
                  </span>
                </span>
                {role === undefined || role === "member" ? null : (
                  <Button
                    kind="quiet"
                    onClick={() => void revoke(one.id)}
                    aria-label={`Revoke the invitation of ${one.inviteeEmail ?? "anyone with the link"}`}
                  >
                    Revoke
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
    </section>
  )
}

/** The page of the workspace's members and invitations. */
const People = () => {
  useTitle("People")
  const { role } = useRole()
  const [inviting, setInviting] = useState(false)
  return (
    <>
      <header className="page-head">
        <div>
          <h1>People</h1>
          <p className="muted">Who can use this workspace.</p>
        </div>
        {role === undefined || role === "member"
          ? null
          : <Button kind="primary" onClick={() => setInviting(true)}>Invite …</Button>}
      </header>
      <Members />
      <Invitations />
      {inviting ? <Invite close={() => setInviting(false)} /> : null}
    </>
  )
}

export default People

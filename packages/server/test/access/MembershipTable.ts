import { type Cell, type Endpoint, everybody, noCsrf, noWorkspace, ok, type Others, person } from "./Cells.ts"

const insufficient: Cell = [403, "insufficient permissions"]
const owners: Others = { member: insufficient, admin: insufficient }
const managers: Others = { member: insufficient }
const notYours: Cell = [403, "invitation does not belong to you"]
const isMember: Cell = [409, "you are already a member of this workspace"]
const badLink: Cell = [404, "this invitation link is not valid: check that it is complete, or ask for a new one"]
const at = "/api/workspaces/{workspaceId}"

/** Members, invitations, workspaces. Ana is the only owner; Dora is `memberId`, a member who makes no calls. */
export const memberships: ReadonlyArray<Endpoint> = [
  { name: "PATCH /api/me", body: { name: "Ana" }, cells: person(ok, ok) },
  { name: `GET ${at}`, cells: person(ok, noWorkspace, "looks") },
  { name: `PATCH ${at}`, body: { name: "new" }, cells: person(ok, noWorkspace, "changes", managers) },
  { name: `PUT ${at}`, body: { name: "new" }, cells: person(ok, noWorkspace, "changes", managers) },
  { name: `GET ${at}/contents`, cells: person(ok, noWorkspace, "looks", owners) },
  {
    name: `DELETE ${at}`,
    cells: person(
      [
        400,
        "this deletes 4 members, 2 machines, 1 runtime, 1 skill, 1 pending invitation, 2 daemon tokens: " +
        "repeat it with confirm=home"
      ],
      noWorkspace,
      "changes",
      owners
    )
  },
  {
    name: `POST ${at}/leave`,
    cells: person([400, "workspace must have at least one owner"], noWorkspace, "changes", {
      member: [204],
      admin: [204]
    })
  },
  { name: `GET ${at}/members`, cells: person(ok, noWorkspace, "looks") },
  {
    name: `POST ${at}/members`,
    body: { email: "new@example.com", role: "admin" },
    // The admin's call made it.
    cells: person([409, "invitation already pending for this email"], noWorkspace, "changes", {
      member: insufficient,
      admin: [201]
    })
  },
  {
    name: `PATCH ${at}/members/{memberId}`,
    body: { role: "member" },
    cells: person(ok, noWorkspace, "changes", managers)
  },
  {
    name: `DELETE ${at}/members/{memberId}`,
    cells: person([404, "member not found"], noWorkspace, "changes", { member: insufficient, admin: [204] })
  },
  { name: `GET ${at}/invitations`, cells: person(ok, noWorkspace, "looks") },
  { name: `POST ${at}/invitations`, body: {}, cells: person([201], noWorkspace, "changes", managers) },
  { name: `DELETE ${at}/invitations/{invitationId}`, cells: person([204], noWorkspace, "changes", managers) },
  { name: `GET ${at}/repositories`, cells: person(ok, noWorkspace, "looks") },
  {
    name: `POST ${at}/repositories`,
    body: { url: "https://git.example.org/a" },
    cells: person(ok, noWorkspace, "changes", managers)
  },
  {
    name: `DELETE ${at}/repositories`,
    cells: person([400, "url is required"], noWorkspace, "changes", managers)
  },
  { name: `GET ${at}/settings`, cells: person(ok, noWorkspace, "looks") },
  { name: `PATCH ${at}/settings`, body: {}, cells: person(ok, noWorkspace, "changes", managers) },
  { name: "GET /api/invitations", cells: person(ok, ok, "looks") },
  { name: "GET /api/invitations/{invitationId}", cells: person(notYours, notYours, "looks") },
  { name: "POST /api/invitations/{invitationId}/accept", cells: person(isMember, notYours) },
  { name: "POST /api/invitations/{invitationId}/decline", cells: person(notYours, notYours) },
  // What counts is the secret in the body. Who is signed in joins as they are.
  { name: "POST /api/invite-link", body: { secret: "miv_0" }, cells: everybody(badLink) },
  {
    name: "POST /api/invite-link/accept",
    body: { secret: "miv_0", name: "Ned", email: "ned@example.com" },
    cells: { ...everybody(badLink), cookieAlone: noCsrf }
  }
]

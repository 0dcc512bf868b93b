import { Schema } from "effect"

/**
 * What the audit log records, as `subject.verb`. `…refuse`: an attempt that the server refused. Add a word here for
 * each new change of access, machines, runtimes, tokens, skills, tasks or settings.
 */
export const AuditAction = Schema.Literals([
  "sign_in.accept",
  "sign_in.refuse",
  "sign_in.link",
  "sign_in.sign_out",
  "account.connect",
  "token.create",
  "token.renew",
  "token.revoke",
  "token.refuse",
  "invitation.create",
  "invitation.accept",
  "invitation.revoke",
  "invitation.refuse",
  "person.edit",
  "member.add",
  "member.role",
  "member.remove",
  "member.leave",
  "workspace.create",
  "workspace.edit",
  "workspace.delete",
  "repository.add",
  "repository.remove",
  "join_key.create",
  "join_key.revoke",
  "machine.add",
  "machine.join",
  "machine.renew",
  "machine.rename",
  "machine.label",
  "machine.drain",
  "machine.resume",
  "machine.remove",
  "machine.refuse",
  "runtime.register",
  "runtime.rename",
  "runtime.edit",
  "runtime.visibility",
  "runtime.model",
  "runtime.take_over",
  "runtime.update",
  "runtime.delete",
  "skill.create",
  "skill.import",
  "skill.overwrite",
  "skill.delete",
  "task.create",
  "task.cancel",
  "task.retry",
  "settings.edit",
  "server.back_up"
])
export type AuditAction = typeof AuditAction.Type

/** Whether an action is one that the server refused. */
export const isAuditRefusal = (action: string): boolean => action.endsWith(".refuse")

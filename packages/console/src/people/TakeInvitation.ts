import { Invitation } from "@muster/domain"

/** Removes the secret of an invitation's link from the address and the history, and returns it. */
export const takeInvitation = (): string | undefined => {
  if (!location.hash.startsWith(Invitation.fragment)) return undefined
  const secret = location.hash.slice(Invitation.fragment.length)
  history.replaceState(null, "", location.pathname + location.search)
  return secret
}

/** Puts the secret back into the address, for a person who signs in first, perhaps by another site. */
export const putInvitationBack = (secret: string): void =>
  history.replaceState(null, "", location.pathname + location.search + Invitation.fragment + secret)

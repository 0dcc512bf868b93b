import { type RequestKind, wireError } from "@muster/domain"

const nounOf = ({ noun = "request" }: RequestKind) => noun

/** What a kind is called where it cannot be asked. */
export const titleOf = ({ name, title = `${name.replaceAll("_", " ")} request` }: RequestKind): string => title

/** There is none of this kind with that id, or it is another runtime's. */
export const absent = (kind: RequestKind) => wireError.absent(nounOf(kind))

/** The store could not say. */
export const unreadable = (kind: RequestKind, why: string) => wireError.fault(`failed to load ${nounOf(kind)}: ${why}`)

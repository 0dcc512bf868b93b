import { type RequestKind, WireError } from "@muster/domain"

const nounOf = ({ noun = "request" }: RequestKind.RequestKind) => noun

/** Returns the kind's name for error messages. */
export const titleOf = ({ name, title = `${name.replaceAll("_", " ")} request` }: RequestKind.RequestKind): string =>
  title

/** No request of this kind has that id, or it belongs to another runtime. */
export const absent = (kind: RequestKind.RequestKind) => WireError.absent(nounOf(kind))

/** The store is unavailable. */
export const unreadable = (kind: RequestKind.RequestKind, why: string) =>
  WireError.fault(`failed to load ${nounOf(kind)}: ${why}`)

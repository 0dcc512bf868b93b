import { DateTime, Option } from "effect"

const looksLikeZone = /^(UTC|[A-Za-z_]+(\/[A-Za-z0-9_+-]+)+)$/

/** The first of the candidates that is an IANA zone this machine knows (Area/City or UTC); `UTC` where none is. */
export const chooseTimezone = (candidates: ReadonlyArray<string | undefined>): string => {
  for (const candidate of candidates) {
    const zone = candidate?.trim() ?? ""
    if (looksLikeZone.test(zone) && Option.isSome(DateTime.zoneMakeNamed(zone))) return zone
  }
  return "UTC"
}

import type { RuntimeRecord } from "@muster/domain"

export const LocalSkills = (_: { readonly runtime: RuntimeRecord }) => null

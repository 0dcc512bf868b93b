import type { RequestKind } from "../RequestKind.ts"
import { LocalSkillImport } from "./LocalSkillImport.ts"
import { LocalSkillList } from "./LocalSkillList.ts"
import { ModelList } from "./ModelList.ts"
import { Ping } from "./Ping.ts"
import { Update } from "./Update.ts"

export * from "./LocalSkillImport.ts"
export * from "./LocalSkillList.ts"
export * from "./ModelList.ts"
export * from "./Ping.ts"
export * from "./Update.ts"

/** Every kind of request that this build knows, in the order in which a beat picks them up. Add a new kind here. */
export const known = [ModelList, LocalSkillList, LocalSkillImport, Ping, Update] as const

/** One of them, with its own types. */
export type KnownKind = (typeof known)[number]

/** The same, for code that handles all kinds. */
export const all: ReadonlyArray<RequestKind> = known

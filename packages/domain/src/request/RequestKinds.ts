import { ModelList } from "./kinds/ModelList.ts"
import type { RequestKind } from "./RequestKind.ts"

/** Every kind of request that this build knows, in the order in which a beat picks them up. */
export const requestKinds: ReadonlyArray<RequestKind> = [ModelList]

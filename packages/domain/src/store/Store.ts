/** What all stores share: their one error, and the text that each of them can hold. */

export * from "./CleanText.ts"
export * from "./ShallowJson.ts"
export * from "./StoreUnavailable.ts"

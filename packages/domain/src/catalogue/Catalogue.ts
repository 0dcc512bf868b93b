/** The model lists that the server keeps. */

export * from "./KeptModels.ts"
export * from "./ModelCatalogue.ts"

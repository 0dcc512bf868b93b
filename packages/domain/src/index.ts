export * from "./model/Model.ts"

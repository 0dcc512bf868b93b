export * from "./serviceTeardown.ts"
export * from "./SteadyClock.ts"

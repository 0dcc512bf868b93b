export * from "./SteadyClock.ts"

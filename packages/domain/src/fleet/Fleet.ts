/** Many runtimes as people filter, search, sort and page them. */

export * from "./Entry.ts"
export * from "./naturalKey.ts"
export * from "./Order.ts"
export * from "./page.ts"
export * from "./Query.ts"

/** How values are written on the wire: times, keys, Go's texts. */

export * from "./Go.ts"
export * from "./PlaceOf.ts"
export * from "./Snake.ts"
export * from "./Time.ts"

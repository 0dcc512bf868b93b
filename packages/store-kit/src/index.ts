export * from "./SeenBuffer.ts"

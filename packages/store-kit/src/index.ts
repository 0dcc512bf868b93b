export * from "./SeenBuffer.ts"
export * from "./WakeListeners.ts"

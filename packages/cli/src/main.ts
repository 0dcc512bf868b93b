import { enableCompileCache } from "node:module"

// Halves the time of later starts. Modules that are imported before this line are not cached.
enableCompileCache()

// A reader that closes the pipe early (`muster runtimes | head -1`) is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1))

await import("./start.ts")

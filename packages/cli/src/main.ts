import { enableCompileCache } from "node:module"

// The second start on a machine takes half the time. What is imported before this line does not profit.
enableCompileCache()

// A reader that has read enough (`muster runtimes | head -1`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1))

await import("./start.ts")

// Runs after an installation: gives TypeScript the rules of Effect where the tools of development were installed.
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const tool = join(fileURLToPath(new URL("..", import.meta.url)), "node_modules", ".bin", "effect-tsgo")
if (existsSync(tool)) process.exitCode = spawnSync(tool, ["patch"], { stdio: "inherit" }).status ?? 1

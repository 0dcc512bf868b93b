import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { root } from "../page/Repository.ts"
import { stage } from "./Stage.ts"

const program = join(dirname(createRequire(import.meta.url).resolve("vitepress/package.json")), "bin", "vitepress.js")

/**
 * Builds the site into a folder, which it replaces. `base`: the path that its addresses begin with, slashes included.
 * Returns what VitePress printed, and whether it succeeded.
 */
export const buildSite = (out: string, base = "/"): { readonly succeeded: boolean; readonly output: string } => {
  // Inside the checkout, since the pages are modules that import what is installed in it.
  mkdirSync(join(root, "artifacts"), { recursive: true })
  const folder = mkdtempSync(join(root, "artifacts", "docs-source-"))
  try {
    stage(folder, out, base)
    const { status, stderr, stdout } = spawnSync(process.execPath, [program, "build", folder], {
      encoding: "utf8",
      env: { ...process.env, NODE_ENV: "production", NO_COLOR: "1" }
    })
    return { succeeded: status === 0, output: `${stdout}${stderr}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
    rmSync(`${out}.cache`, { recursive: true, force: true })
  }
}

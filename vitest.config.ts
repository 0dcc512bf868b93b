import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

/** Each starts its server for the whole run as soon as the first test file asks for one. */
const globalSetup = ["postgres", "redis"].map((server) => `packages/store-suite/src/${server}/globalSetup.ts`)

const all = "packages/*/agents/all/*.test.ts"

/** They build and install everything: `npm run test:packages`. */
const packages = ["packages", "start"].map((name) => `scripts/test/${name}.test.mjs`)

export default defineConfig({
  test: {
    // Processes, not threads: tests start servers, send signals and change the working directory.
    pool: "forks",
    // Most tests wait for a database, a socket or a process as much as they compute: two at a time even on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    passWithNoTests: false,
    // It warns that tests run it as tests do.
    onConsoleLog: (log) => log.startsWith("oidc-provider ") ? false : undefined,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["packages/*/test/**/*.test.ts", "scripts/test/**/*.test.mjs"],
          exclude: packages,
          globalSetup,
          // Files share a process, one after the other: what each would load again took a fifth of the whole run.
          isolate: false,
          // Only for what hangs: many tests compute for seconds where the machine is busy.
          testTimeout: 60_000,
          hookTimeout: 60_000
        }
      },
      { extends: true, test: { name: "packages", include: packages, testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        extends: true,
        test: {
          name: "agents",
          // Those in `all` install seven CLIs: `npm run test:agents -- --all`.
          include: ["packages/*/agents/*.test.ts", ...process.env.MUSTER_TEST_AGENTS === "all" ? [all] : []],
          globalSetup,
          // Real agent CLIs: the first run installs them and fills their caches.
          testTimeout: 120_000,
          hookTimeout: 300_000,
          // One at a time: each is a heavy process of its own, and the machine may have two cores.
          fileParallelism: false
        }
      }
    ]
  }
})

// `npm run histories -- --out FOLDER`: records what concurrent callers of each request store and task queue saw, checks it, and writes it
// to the folder as JSON lines, one file per history, for checkers of other makes. On Redis also while it is killed, fails
// over or evicts.
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { bin, ensureInstalled, fail, root, toolEnvironment } from "./install.mjs"
import { ensurePostgres } from "./postgres.mjs"
import { ensureRedis } from "./redis.mjs"
import { replaceBy } from "./replace.mjs"

const usage =
  "Usage: npm run histories -- --out FOLDER [--count N] [--seed TEXT] [--backend NAME], where N (200 unless given) is how many each backend records, and as many under each fault, TEXT what they are drawn from, and NAME one of: "

/** Each backend's tests that record histories. */
const files = {
  memory: [
    "packages/store-memory/test/RequestStoreMemory.test.ts",
    "packages/store-memory/test/task/TaskQueueMemory.test.ts"
  ],
  pglite: ["packages/store-postgres/test/request/RequestHistoriesPglite.test.ts"],
  postgres: ["packages/store-postgres/test/request/RequestHistoriesPostgres.test.ts"],
  redis: ["packages/store-redis/test/RequestStoreRedis.test.ts", "packages/store-redis/test/FaultHistories.test.ts"],
  cluster: ["packages/store-redis/test/RequestStoreCluster.test.ts"]
}

const options = {
  out: { type: "string" },
  count: { type: "string" },
  seed: { type: "string" },
  backend: { type: "string" }
}

const read = () => {
  try {
    const { out, count = "200", seed = "muster", backend } = parseArgs({ options }).values
    const known = backend === undefined || Object.hasOwn(files, backend)
    return out && seed && known && /^[1-9]\d{0,5}$/.test(count) ? { out, count, seed, backend } : undefined
  } catch {
    return undefined // an option that there is not
  }
}

const asked = read()
if (asked === undefined) fail(`${usage}${Object.keys(files).join(", ")}.`)
const { out, count, seed, backend } = asked

ensureInstalled()
const backends = backend === undefined ? Object.keys(files) : [backend]
if (backends.includes("postgres") && !process.env.MUSTER_TEST_DATABASE_URL) ensurePostgres()
if (backends.includes("redis") || backends.includes("cluster")) ensureRedis()

replaceBy(
  join(bin, "vitest"),
  ["run", "--project", "unit", "-t", "histories", ...backends.flatMap((name) => files[name])],
  {
    cwd: root,
    env: {
      ...toolEnvironment(),
      MUSTER_HISTORY_OUT: resolve(process.env.INIT_CWD || process.cwd(), out), // npm runs scripts in the project's folder
      MUSTER_HISTORY_COUNT: count,
      MUSTER_HISTORY_SEED: seed
    }
  }
)

// Makes sure that the programs of a PostgreSQL server are on this machine; the tests start their own server with them.
import { spawnSync } from "node:child_process"
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { fail } from "./install.mjs"

const debianFolder = "/usr/lib/postgresql"

/** Where the programs may be: on PATH, else in the folders where Debian keeps them. As PostgresBinaries.ts has it. */
const folders = () => [
  ...(process.env.PATH || "").split(delimiter).filter((folder) => folder !== ""),
  ...(existsSync(debianFolder) ? readdirSync(debianFolder).map((version) => join(debianFolder, version, "bin")) : [])
]

const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const isThere = () => folders().some((folder) => ["initdb", "postgres"].every((name) => isProgram(join(folder, name))))

const aptGet = (...args) => {
  const { status, stdout, stderr } = spawnSync("apt-get", args, {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"]
  })
  if (status === 0) return
  process.stderr.write(`${stdout || ""}${stderr || ""}\n`)
  fail(
    `PostgreSQL, which the tests need, could not be installed (apt-get ${
      args[0]
    } failed, see above): install Debian's package "postgresql", then run npm test again.`
  )
}

/** Debian makes a database and starts a server for whoever installs the package; nobody asked for one here. */
const withoutCluster = (run) => {
  const folder = "/etc/postgresql-common/createcluster.d"
  const file = join(folder, "muster-tests.conf")
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, "create_main_cluster = false\n")
  try {
    run()
  } finally {
    rmSync(file, { force: true })
  }
}

/** Installs PostgreSQL's programs where they are missing and that can be done, else ends with one sentence. */
export const ensurePostgres = () => {
  if (isThere()) return
  const isRoot = typeof process.getuid === "function" && process.getuid() === 0
  if (!isRoot || !existsSync("/etc/debian_version")) {
    fail(
      "The tests need the programs of a PostgreSQL server (initdb and postgres, version 13 or newer) on PATH: install your system's package \"postgresql\", or set MUSTER_TEST_DATABASE_URL to a server whose user may create databases."
    )
  }
  process.stderr.write("Installing PostgreSQL for the tests …\n")
  withoutCluster(() => {
    aptGet("update", "-q")
    aptGet("install", "-q", "-y", "--no-install-recommends", "postgresql")
  })
  if (!isThere()) {
    fail(`PostgreSQL was installed, but initdb and postgres are neither on PATH nor under ${debianFolder}.`)
  }
}

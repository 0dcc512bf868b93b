// Makes sure that the programs of a PostgreSQL server are on this machine; the tests start their own server with them.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ensureProduct } from "./debian.mjs"

const debianFolder = "/usr/lib/postgresql"

/** Debian makes a database and starts a server when the package is installed; none is needed here. */
const withoutCluster = (install) => {
  const folder = "/etc/postgresql-common/createcluster.d"
  const file = join(folder, "muster-tests.conf")
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, "create_main_cluster = false\n")
  try {
    install()
  } finally {
    rmSync(file, { force: true })
  }
}

/** Installs PostgreSQL's programs where they are missing and that can be done, else ends with one sentence. */
export const ensurePostgres = () =>
  ensureProduct({
    product: "PostgreSQL",
    programs: ["initdb", "postgres"],
    // Where Debian keeps them. As PostgresBinaries.ts has it.
    folders: () =>
      existsSync(debianFolder) ? readdirSync(debianFolder).map((version) => join(debianFolder, version, "bin")) : [],
    debianPackage: "postgresql",
    around: withoutCluster,
    missing:
      "The tests need the programs of a PostgreSQL server (initdb and postgres, version 13 or newer) on PATH: install your system's package \"postgresql\", or set MUSTER_TEST_DATABASE_URL to a server whose user may create databases.",
    notFound: `PostgreSQL was installed, but initdb and postgres are neither on PATH nor under ${debianFolder}.`
  })

// Makes sure that PgBouncer is on this machine; the tests start their own one in front of their own PostgreSQL.
import { ensureProduct, withoutService } from "./debian.mjs"

/** Installs PgBouncer where it is missing and that can be done, else ends with one sentence. */
export const ensurePgBouncer = () =>
  ensureProduct({
    product: "PgBouncer",
    programs: ["pgbouncer"],
    // Where systems and people usually put it. As PgBouncer.ts has it.
    folders: () => ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin"],
    debianPackage: "pgbouncer",
    around: withoutService("pgbouncer"),
    missing: "The tests need the program pgbouncer on PATH: install your system's package \"pgbouncer\".",
    notFound: "PgBouncer was installed, but pgbouncer is neither on PATH nor in the usual folders."
  })

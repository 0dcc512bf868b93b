// The image of the server, built and run as deploy/compose and the Helm chart run it, for `npm run check:deploy`.
import { join } from "node:path"
import { outputOf, pass, run } from "./tool.mjs"

/** The seconds that the server may take to be healthy, and to stop. */
const startWithin = 60
const stopWithin = 10

/** Podman's own format has no health check. */
const buildFlags = { docker: [], podman: ["--format", "docker"] }

const expect = (what, actual, expected) => {
  if (actual !== expected) throw new Error(`${what} is ${actual} instead of ${expected}`)
}

/** Returns the container engine that runs here, or undefined. `docker version` fails without one, `docker --version` does not. */
export const findEngine = () => Object.keys(buildFlags).find((name) => run(name, ["version"]).status === 0)

/** Builds the image, and runs it until it is healthy: without root, with a root file system that cannot be written. */
export const checkImage = (engine) => {
  const name = `muster-check-${process.pid}`
  const tell = (...args) => pass(engine, args).stdout.trim()
  const state = (field) => tell("inspect", "--format", `{{.State.${field}}}`, name)
  const awaitHealth = (command) => {
    const until = Date.now() + startWithin * 1000
    while (run(engine, ["exec", name, ...command]).status !== 0) {
      const problem = state("Running") === "false" ? "ended" : Date.now() > until ? "not healthy" : undefined
      if (problem !== undefined) {
        throw new Error(`${problem} within ${startWithin} s:\n${outputOf(run(engine, ["logs", name]))}`)
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
    }
  }
  try {
    tell("build", ...buildFlags[engine], "--file", join("deploy", "Containerfile"), "--tag", name, ".")
    const limits = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    tell("run", "--detach", "--name", name, ...limits, name)
    const [kind, ...health] = JSON.parse(tell("inspect", "--format", "{{json .Config.Healthcheck.Test}}", name))
    expect("the kind of the health check", kind, "CMD")
    awaitHealth(health)
    expect("the user", tell("exec", name, "id", "-u"), "10001")
    expect("the mode of the owner's token", tell("exec", name, "stat", "--format", "%a", "/data/token"), "600")
    const began = Date.now()
    tell("stop", "--time", `${stopWithin}`, name)
    if (Date.now() - began > stopWithin * 1000) throw new Error(`it did not stop within ${stopWithin} s`)
    expect("the exit code", state("ExitCode"), "0")
  } finally {
    run(engine, ["rm", "--force", "--volumes", name])
    run(engine, ["rmi", name])
  }
}

// `npm run check:deploy`: the files in `deploy/`, each with the tool of its own. The tools are built once from pinned Go
// modules, which takes minutes; what cannot be checked here is listed as skipped, with the reason.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { checkImage, findEngine } from "./image.mjs"
import { bin, bundledNode, ensureInstalled, root } from "./install.mjs"
import { schemasIn, schemasOfDefinitions } from "./kubernetes-schemas.mjs"
import { outputOf, pass, run } from "./tool.mjs"

const cache = join(root, "node_modules", ".cache", "deploy")
const deploy = join(root, "deploy")
const chart = join(deploy, "helm", "muster")

/** Modules with programs. `tags`: without them, promtool has the clients of all clouds. */
const tools = {
  helm: { module: "helm.sh/helm/v3", version: "v3.22.0", path: "cmd/helm" },
  kubeconform: { module: "github.com/yannh/kubeconform", version: "v0.8.0", path: "cmd/kubeconform" },
  promtool: {
    module: "github.com/prometheus/prometheus",
    version: "v0.316.0",
    path: "cmd/promtool",
    tags: "remove_all_sd"
  },
  compose: { module: "github.com/compose-spec/compose-go/v2", version: "v2.16.2", path: "cmd" }
}

/** Modules that have schemas of Kubernetes, and of the resources of the Prometheus operator. */
const sources = {
  kubernetes: "k8s.io/cli-runtime@v0.37.0",
  operator: "github.com/prometheus-operator/prometheus-operator@v0.85.0"
}

/** The version that the schemas are of. */
const kubernetesVersion = "1.37.0"

ensureInstalled()
// Installed by now.
const { parse } = await import("yaml")

/** A check that cannot be made here. */
class Skipped extends Error {}

const has = (program, ...args) => {
  const { error } = run(program, args)
  return error === undefined
}

const needGo = () => {
  if (!has("go", "version")) throw new Skipped("Go is missing: install Go 1.26 or newer")
}

/** The path of a tool, which is built if it is not there in this version. */
const built = (name) => {
  const { module, path, tags, version } = tools[name]
  const program = join(cache, `${name}-${version}`)
  if (existsSync(program)) return program
  needGo()
  process.stderr.write(`Building ${name} ${version} (once; up to some minutes) …\n`)
  const folder = mkdtempSync(join(tmpdir(), "muster-go-"))
  const flags = ["-trimpath", "-ldflags=-s -w", ...tags === undefined ? [] : ["-tags", tags]]
  const done = run("go", ["install", ...flags, `${module}/${path}@${version}`], {
    env: { ...process.env, GOBIN: folder, CGO_ENABLED: "0" }
  })
  if (done.status !== 0) throw new Skipped(`${name} could not be built: ${outputOf(done).split("\n").at(-1)}`)
  mkdirSync(cache, { recursive: true })
  renameSync(join(folder, path.split("/").at(-1)), program)
  rmSync(folder, { recursive: true })
  return program
}

/** The folder of a Go module. */
const moduleFolder = (name) => {
  needGo()
  const done = run("go", ["mod", "download", "-json", name], { cwd: tmpdir() })
  if (done.status !== 0) throw new Skipped(`${name} could not be downloaded: ${outputOf(done).split("\n").at(-1)}`)
  return JSON.parse(done.stdout).Dir
}

/** Writes the schemas for kubeconform, strict: a field that no schema knows is an error. */
const kubernetesSchemas = () => {
  const folder = join(cache, `schemas-${kubernetesVersion}`)
  if (existsSync(folder)) return folder
  const draft = `${folder}.draft`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  const swagger = join(moduleFolder(sources.kubernetes), "artifacts", "openapi", "swagger.json")
  const crds = join(moduleFolder(sources.operator), "example", "prometheus-operator-crd")
  const all = [
    ...schemasOfDefinitions(JSON.parse(readFileSync(swagger, "utf8")).definitions),
    ...["servicemonitors", "prometheusrules"].flatMap((name) =>
      schemasIn(parse(readFileSync(join(crds, `monitoring.coreos.com_${name}.yaml`), "utf8")))
    )
  ]
  for (const { name, schema } of all) writeFileSync(join(draft, `${name}.json`), JSON.stringify(schema))
  renameSync(draft, folder)
  return folder
}

/** What the chart makes of these values. */
const rendered = (values) =>
  pass(built("helm"), [
    "template",
    "muster",
    chart,
    "--values",
    join(chart, "ci", `${values}.yaml`),
    "--kube-version",
    kubernetesVersion
  ]).stdout

/** Both sets of values: what an installation must give, and every optional part. */
const valueSets = ["least", "everything"]

/** The documented nginx configuration with addresses that exist everywhere, and a certificate. */
const checkNginx = () => {
  for (const program of ["nginx", "openssl"]) if (!has(program, "-v")) throw new Skipped(`${program} is missing`)
  const folder = mkdtempSync(join(tmpdir(), "muster-nginx-"))
  try {
    const subject = ["-subj", "/CN=localhost", "-days", "1", "-nodes", "-newkey", "rsa:2048"]
    pass("openssl", [
      "req",
      "-x509",
      ...subject,
      "-keyout",
      join(folder, "muster.key"),
      "-out",
      join(folder, "muster.crt")
    ])
    const text = readFileSync(join(deploy, "nginx", "muster.conf"), "utf8")
      .replaceAll(/server-\d:/g, "127.0.0.1:").replaceAll("/etc/nginx/tls/", `${folder}/`)
    writeFileSync(join(folder, "muster.conf"), text)
    writeFileSync(
      join(folder, "nginx.conf"),
      `pid ${folder}/pid; events {} http { access_log off; include muster.conf; }`
    )
    pass("nginx", ["-t", "-q", "-e", "stderr", "-p", folder, "-c", "nginx.conf"])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The compose file with values for its variables: its schema, and whether all that it names exists. */
const checkCompose = () => {
  const folder = mkdtempSync(join(tmpdir(), "muster-compose-"))
  try {
    const text = readFileSync(join(deploy, "compose", "compose.yaml"), "utf8")
    writeFileSync(join(folder, "compose.yaml"), text.replaceAll(/\$\{\w+:\?[^}]*\}/g, "value"))
    pass(built("compose"), ["--no-interpolation", join(folder, "compose.yaml")], { cwd: folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const checkUnits = () => {
  if (!has("systemd-analyze", "--version")) throw new Skipped("systemd-analyze is missing")
  const folder = mkdtempSync(join(tmpdir(), "muster-units-"))
  try {
    for (const [from, to] of [["muster-server.service"], ["muster-daemon@.service", "muster-daemon@root.service"]]) {
      const unit = join(folder, to ?? from)
      writeFileSync(unit, readFileSync(join(deploy, "systemd", from)))
      const done = run("systemd-analyze", ["verify", "--man=no", unit])
      // It also names what is wrong with other units of this machine.
      const own = outputOf(done).split("\n").filter((line) => line.includes("muster-"))
      if (done.status !== 0 || own.length > 0) throw new Error(outputOf(done))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const checks = {
  "helm lint": () => {
    for (const values of valueSets) {
      pass(built("helm"), ["lint", "--strict", "--quiet", chart, "--values", join(chart, "ci", `${values}.yaml`)])
    }
  },
  "helm template, kubeconform": () => {
    const schemas = join(kubernetesSchemas(), "{{ .ResourceKind }}{{ .KindSuffix }}.json")
    for (const values of valueSets) {
      pass(built("kubeconform"), ["-strict", "-summary", "-schema-location", schemas, "-"], { input: rendered(values) })
    }
  },
  "promtool check rules": () => {
    const rules = join(deploy, "alerts", "muster.rules.yaml")
    pass(built("promtool"), ["check", "rules", "--lint-fatal", rules])
    pass(built("promtool"), ["test", "rules", join(deploy, "alerts", "muster.rules.test.yaml")])
  },
  "promtool check metrics": () => {
    const { stdout } = pass(bundledNode(), [join(root, "scripts", "print-metrics.mjs")])
    pass(built("promtool"), ["check", "metrics"], { input: stdout })
  },
  "promtool on the chart's rule": () => {
    const rule = rendered("everything").split(/^---\n/m).map((text) => parse(text))
      .find((one) => one?.kind === "PrometheusRule")
    pass(built("promtool"), ["check", "rules"], { input: JSON.stringify(rule.spec) })
  },
  "compose": checkCompose,
  "nginx -t": checkNginx,
  "systemd-analyze verify": checkUnits,
  "dockerfile-utils lint": () => {
    const done = pass(join(bin, "dockerfile-utils"), ["lint", join(deploy, "Containerfile")])
    if (/(Error|Warning)/.test(done.stdout)) throw new Error(done.stdout)
  },
  "image, built and run": () => {
    const engine = findEngine()
    if (engine === undefined) throw new Skipped("neither Docker nor Podman runs here")
    checkImage(engine)
  }
}

/** Makes every check; returns the lines of its report, and whether none failed. */
const checkDeployment = () => {
  const lines = []
  let passed = true
  for (const [name, check] of Object.entries(checks)) {
    const started = Date.now()
    const seconds = () => `(${((Date.now() - started) / 1000).toFixed(1)} s)`
    try {
      check()
      lines.push(`ok      ${name} ${seconds()}`)
    } catch (error) {
      const skipped = error instanceof Skipped
      passed &&= skipped
      lines.push(skipped ? `skipped ${name}: ${error.message}` : `FAILED  ${name} ${seconds()}\n${error.message}`)
    }
  }
  return { lines, passed }
}

const { lines, passed } = checkDeployment()
process.stdout.write(`${lines.join("\n")}\n`)
process.exitCode = passed ? 0 : 1

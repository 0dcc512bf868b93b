import { Deferred, Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { unprivilegedUser } from "../postgres/UnprivilegedUser.ts"
import { freePort } from "../server/FreePort.ts"
import { serverFolder } from "../server/ServerFolder.ts"
import { findProgram, makeCertificates, ProgramFailed, runProgram } from "./Certificates.ts"

/** The documented configuration. */
const documented = fileURLToPath(new URL("../../../../deploy/nginx/muster.conf", import.meta.url))

/** A text in which each of these parts is replaced. Each must be there, so that the file cannot change unnoticed. */
const replaced = (text: string, parts: ReadonlyArray<readonly [part: string, by: string]>) =>
  parts.reduce((text, [part, by]) => {
    if (!text.includes(part)) throw new Error(`deploy/nginx/muster.conf has no ${JSON.stringify(part)}`)
    return text.replaceAll(part, by)
  }, text)

/** One request in the access log. */
export interface NginxLine {
  /** When its response was complete, in ms since 1970. */
  readonly at: number
  readonly status: number
  readonly method: string
  readonly path: string
  /** The size of the request with its head, in bytes. */
  readonly received: number
  /** The replicas that were tried, in order, by their ports. */
  readonly tried: ReadonlyArray<string>
}

const readLine = (line: string): NginxLine => {
  const [at, status, received, upstreams = "", method = "", path = ""] = line.split("\t")
  return {
    at: Number(at) * 1_000,
    status: Number(status),
    received: Number(received),
    method,
    path,
    tried: upstreams.split(/, | : /).map((address) => address.replace(/^.*:/, ""))
  }
}

const mainFile = (workers: number) => `
daemon off;
worker_processes ${workers};
pid nginx.pid;
error_log stderr notice;
events { worker_connections 4096; }
http {
  log_format lines '$msec\\t$status\\t$request_length\\t$upstream_addr\\t$request_method\\t$request_uri';
  access_log access.log lines;
  client_body_temp_path body;
  proxy_temp_path proxied;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  include muster.conf;
}
`

const workers = 2

/** The line of an upstream in the documented file. */
const upstream = (number: number) => `server server-${number}:8080 max_fails=0`

/** The documented file with the addresses, names and paths of a test. */
const configuration = (input: {
  readonly port: number
  readonly plainPort: number
  readonly replicas: readonly [number, number]
  /** The place of the replica that gets no new calls. */
  readonly without: number | undefined
  readonly folder: string
}) =>
  replaced(readFileSync(documented, "utf8"), [
    ["muster.example.com", "localhost"],
    ["listen 80;", `listen 127.0.0.1:${input.plainPort};`],
    ["listen 443 ssl", `listen 127.0.0.1:${input.port} ssl`],
    ["/etc/nginx/tls/", `${input.folder}/`],
    ...input.replicas.map((port, place) =>
      [
        upstream(place + 1),
        `server 127.0.0.1:${port} ${input.without === place ? "down" : "max_fails=0"}`
      ] as const
    )
  ])

/**
 * Starts an nginx of the tests' own with the documented configuration before two replicas, which may start later. It runs on
 * 127.0.0.1 and free ports, with TLS for `localhost`, as an unprivileged user, and ends with its scope, and no later than
 * this process.
 */
export const nginxBefore = Effect.fnUntraced(function*(
  replicas: readonly [number, number]
): Effect.fn.Return<Nginx, unknown, Scope.Scope> {
  const program = yield* findProgram("nginx")
  const user = yield* unprivilegedUser
  const folder = yield* serverFolder(
    { prefix: "muster-nginx-", signal: "KILL", owner: user },
    (cause) => new ProgramFailed({ message: "No temporary folder could be made for nginx", cause })
  )
  const { path } = folder
  yield* makeCertificates(path)
  if (user !== undefined) yield* runProgram("chown", ["-R", `${user.uid}:${user.gid}`, path], path)
  const port = yield* freePort((message, cause) => new ProgramFailed({ message, cause }))
  const plainPort = yield* freePort((message, cause) => new ProgramFailed({ message, cause }))
  const configure = (without: number | undefined) =>
    writeFileSync(
      join(path, "muster.conf"),
      configuration({ port, plainPort, replicas, without, folder: path })
    )
  configure(undefined)
  writeFileSync(join(path, "nginx.conf"), mainFile(workers))

  let said = ""
  let news = Deferred.makeUnsafe<void>()
  /** Waits until nginx has written this so often since it started. */
  const awaitLines = (pattern: RegExp, times: number) =>
    Effect.suspend(() =>
      (said.match(pattern) ?? []).length >= times ? Effect.succeed(true) : Effect.as(Deferred.await(news), false)
    )
      .pipe(Effect.repeat({ until: (yes) => yes }))
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(program, ["-p", path, "-c", "nginx.conf", "-e", "stderr"], {
        cwd: path,
        env: { PATH: process.env["PATH"] },
        ...user,
        detached: true,
        stdio: ["ignore", "ignore", "pipe"]
      })
    ),
    (child) =>
      Effect.callback<void>((resume) => {
        if (child.exitCode !== null) return resume(Effect.void)
        child.once("close", () => resume(Effect.void))
        child.kill("SIGTERM")
      })
  )
  folder.guard(child.pid)
  const hear = () => {
    const before = news
    news = Deferred.makeUnsafe<void>()
    Deferred.doneUnsafe(before, Effect.void)
  }
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk
    hear()
  })
  const ended = Effect.callback<never, ProgramFailed>((resume) =>
    void child.once("close", () => resume(Effect.fail(new ProgramFailed({ message: `nginx ended: ${said}` }))))
  )
  yield* Effect.raceFirst(awaitLines(/start worker process \d/g, workers), ended)

  let reloads = 0
  return {
    url: `https://localhost:${port}`,
    plainUrl: `http://localhost:${plainPort}`,
    certificates: { authority: join(path, "ca.crt") },
    lines: () => readFileSync(join(path, "access.log"), "utf8").split("\n").filter((line) => line !== "").map(readLine),
    leaveOut: (place) =>
      Effect.suspend(() => {
        configure(place)
        reloads++
        child.kill("SIGHUP")
        return Effect.asVoid(awaitLines(/gracefully shutting down/g, reloads * workers))
      })
  }
})

/** A running nginx. */
export interface Nginx {
  /** Its address with TLS, and without. */
  readonly url: string
  readonly plainUrl: string
  /** The file with the certificate of its authority. */
  readonly certificates: { readonly authority: string }
  /** The requests so far, in the order in which they ended. */
  readonly lines: () => ReadonlyArray<NginxLine>
  /** Gives the replica at this place no new calls; `undefined`: gives all to both. Returns when that is in force. */
  readonly leaveOut: (place: number | undefined) => Effect.Effect<void>
}

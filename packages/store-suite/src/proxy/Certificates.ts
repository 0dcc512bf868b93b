import { Data, Effect } from "effect"
import { execFile } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { programFile, serverFolders } from "../server/ProgramFiles.ts"

/** nginx, or the program that makes certificates, cannot be used. */
export class ProgramFailed extends Data.TaggedError("ProgramFailed")<{
  readonly message: string
  readonly cause?: unknown
}> {}

/** The path of a program of the system. */
export const findProgram = (name: string) =>
  Effect.suspend(() => {
    const found = programFile(name, serverFolders)
    return found === undefined
      ? Effect.fail(new ProgramFailed({ message: `${name} is missing: run \`npm test\`, which installs it on Debian` }))
      : Effect.succeed(found)
  })

/** Runs a program to its end in this folder. */
export const runProgram = (program: string, args: ReadonlyArray<string>, cwd: string) =>
  Effect.callback<void, ProgramFailed>((resume) => {
    execFile(
      program,
      args,
      { cwd },
      (cause, _, stderr) =>
        resume(
          cause === null ? Effect.void : Effect.fail(new ProgramFailed({ message: `${program}: ${stderr}`, cause }))
        )
    )
  })

/** Makes a certificate authority `ca.crt` and a certificate of it for `localhost`, `muster.crt` and `muster.key`. */
export const makeCertificates = Effect.fnUntraced(function*(folder: string) {
  const openssl = yield* findProgram("openssl")
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
  const authority = ["req", "-x509", ...key, "-days", "2", "-subj", "/CN=Muster's tests"]
  yield* runProgram(openssl, [...authority, "-keyout", "ca.key", "-out", "ca.crt"], folder)
  yield* runProgram(
    openssl,
    ["req", ...key, "-subj", "/CN=localhost", "-keyout", "muster.key", "-out", "muster.csr"],
    folder
  )
  writeFileSync(join(folder, "names"), "subjectAltName=DNS:localhost\n")
  const sign = ["x509", "-req", "-in", "muster.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"]
  yield* runProgram(openssl, [...sign, "-days", "2", "-extfile", "names", "-out", "muster.crt"], folder)
})

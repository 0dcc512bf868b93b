import { assert, describe, it } from "@effect/vitest"
import { checksumIn } from "../../src/update/FileUpdate.ts"
import { type Installation, installationOf } from "../../src/update/Installation.ts"

const node = "/usr/bin/node"

const cases: ReadonlyArray<readonly [string, string, Installation]> = [
  [
    "npm, globally",
    "/usr/lib/node_modules/muster/src/main.ts",
    { _tag: "Npm", prefix: "/usr", name: "muster", folder: "/usr/lib/node_modules/muster" }
  ],
  [
    "npm, globally, in a scope",
    "/home/ada/.npm/lib/node_modules/@muster/cli/node_modules/x/main.js",
    {
      _tag: "Fixed",
      message: "this Muster is a dependency of the project in /home/ada/.npm/lib/node_modules/@muster/cli: update it " +
        "there, then restart the daemon"
    }
  ],
  [
    "npm, globally, as a scoped package",
    "/home/ada/.npm/lib/node_modules/@muster/cli/bin/muster.mjs",
    {
      _tag: "Npm",
      prefix: "/home/ada/.npm",
      name: "@muster/cli",
      folder: "/home/ada/.npm/lib/node_modules/@muster/cli"
    }
  ],
  [
    "npx",
    "/home/ada/.npm/_npx/3f2a/node_modules/muster/src/main.ts",
    { _tag: "Fixed", message: "this Muster was started by npx: stop it, and start the version you want with npx" }
  ],
  [
    "a project",
    "/srv/app/node_modules/muster/src/main.ts",
    {
      _tag: "Fixed",
      message: "this Muster is a dependency of the project in /srv/app: update it there, then restart the daemon"
    }
  ],
  [
    "a checkout",
    "/srv/muster/packages/cli/src/main.ts",
    {
      _tag: "Fixed",
      message:
        "this Muster runs from a checkout (/srv/muster/packages/cli/src): update it with git, then restart the " +
        "daemon"
    }
  ]
]

describe("how Muster was installed", () => {
  it.each(cases)("S-05 by %s", (_, main, installation) => {
    assert.deepStrictEqual(installationOf({ main, executable: node, isSingleFile: false }), installation)
  })

  it("S-05 as one executable", () => {
    const executable = "/usr/local/bin/muster"
    const found = installationOf({ main: executable, executable, isSingleFile: true })
    assert.deepStrictEqual(found, { _tag: "SingleFile", path: executable })
  })
})

describe("a list of checksums", () => {
  it("S-05 is searched by a file's whole name, text or binary", () => {
    const [a, b] = ["a".repeat(64), "B".repeat(64)]
    const list = `${a}  muster-linux-x64.sig\n${a} *muster-linux-arm64\r\n${b}  muster-linux-x64\nnonsense\n`
    assert.strictEqual(checksumIn(list, "muster-linux-x64"), "b".repeat(64))
    assert.strictEqual(checksumIn(list, "muster-linux-arm64"), a)
    assert.isUndefined(checksumIn(list, "linux-x64"))
  })
})

import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { HostEnvironment } from "@muster/daemon"
import { ConfigProvider, Console, Effect, Option } from "effect"
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { userInfo } from "node:os"
import { installDaemon } from "../src/daemon/InstallDaemon.ts"
import { launchdPlist, systemdUnit } from "../src/daemon/ServiceUnit.ts"
import { token } from "./support/Fixtures.ts"
import { makeHome, profileOf, runMuster } from "./support/runMuster.ts"

const signedInHome = Effect.tap(makeHome, (home) =>
  Effect.sync(() => {
    mkdirSync(`${home}/.muster`)
    writeFileSync(profileOf(home), JSON.stringify({ server_url: "http://127.0.0.1:1", token }), { mode: 0o600 })
  }))

/** A folder with only a `systemctl` that does this. */
const systemctlThat = (script: string) =>
  Effect.tap(
    makeHome,
    (folder) => Effect.sync(() => writeFileSync(`${folder}/systemctl`, `#!/bin/sh\n${script}\n`, { mode: 0o755 }))
  )

/** The settings of a unit that do not depend on whose it is. */
const settingsOf = (unit: string) => {
  const own = new Set(["Description", "Environment", "EnvironmentFile", "ExecStart", "User", "WantedBy"])
  const lines = [...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!] as const)
  return Object.fromEntries(lines.filter(([name]) => !own.has(name)))
}

const input = {
  command: ["/opt/my node", "a\"b\\c%d$e"],
  dataDir: "/data/100%",
  stopTimeout: 70,
  environment: [["PATH", "/usr/bin:/opt/\"x\""]] as const
}

describe("muster daemon install", () => {
  it.live.each(["linux", "darwin"])(
    "C-06 writes a user service on %s, and prints the next step, once",
    (platform) =>
      Effect.gen(function*() {
        const home = yield* signedInHome
        const bin = yield* systemctlThat("exit 0")
        const out: Array<string> = []
        const install = installDaemon(
          {
            data: "~/.muster/profiles/my work",
            name: Option.some("box"),
            localPort: Option.none(),
            drainTasks: Option.none(),
            json: true
          },
          platform
        ).pipe(
          Effect.map(() => JSON.parse(out.at(-1)!)),
          Effect.provideService(Console.Console, { ...globalThis.console, log: (text: string) => void out.push(text) }),
          Effect.provideService(HostEnvironment, {
            PATH: "/elsewhere",
            HTTPS_PROXY: "http://me:50%25@proxy:3128",
            no_proxy: "intra,<b>",
            MUSTER_CODEX_PATH: "/opt/codex",
            CODEX_HOME: "",
            MUSTER_TOKEN: token,
            MUSTER_PROXY: "http://a\nb"
          }),
          Effect.provide([
            NodeServices.layer,
            ConfigProvider.layer(ConfigProvider.fromEnv({ env: { HOME: home, PATH: bin } }))
          ])
        )
        const { file, next, written } = yield* install
        assert.strictEqual(written, "created")
        assert.strictEqual(
          file,
          platform === "linux"
            ? `${home}/.config/systemd/user/muster-daemon-my-work.service`
            : `${home}/Library/LaunchAgents/dev.muster.daemon.my-work.plist`
        )
        const text = readFileSync(file, "utf8")
        for (const word of [process.execPath, "packages/cli/src/main.ts", `${home}/.muster/profiles/my work`, "box"]) {
          assert.include(text, word)
        }
        assert.notInclude(text, token)
        const variables = platform === "linux"
          ? [...text.matchAll(/^Environment="(.*?)=(.*)"$/gm)]
          : [...text.split("EnvironmentVariables")[1]!.matchAll(/^ {4}<key>(.*)<\/key><string>(.*)<\/string>$/gm)]
        assert.deepStrictEqual(variables.map(([, name, value]) => [name, value]), [
          ["PATH", bin],
          ["HTTPS_PROXY", platform === "linux" ? "http://me:50%%25@proxy:3128" : "http://me:50%25@proxy:3128"],
          ["MUSTER_CODEX_PATH", "/opt/codex"],
          ["no_proxy", platform === "linux" ? "intra,<b>" : "intra,&lt;b&gt;"]
        ])
        assert.strictEqual(statSync(file).mode & 0o777, 0o600)
        assert.strictEqual(statSync(`${home}/.muster/profiles/my work`).mode & 0o777, 0o700)
        assert.include(next[0], platform === "linux" ? "systemctl --user" : file)
        if (platform === "linux") {
          const deployed = readFileSync(
            new URL("../../../deploy/systemd/muster-daemon@.service", import.meta.url),
            "utf8"
          )
          assert.deepInclude(settingsOf(deployed), settingsOf(text))
          const [, drain] = /"--drain-tasks" "(\d+)"/.exec(text)!
          assert.include(deployed, `Environment=MUSTER_DRAIN_TASKS=${drain}\n`)
        }

        assert.strictEqual((yield* install).written, "unchanged")
        writeFileSync(file, text.replace("box", "old"))
        assert.strictEqual((yield* install).written, "replaced")
        writeFileSync(file, "somebody else's")
        const refused = yield* Effect.flip(install)
        assert.include(refused, { code: "not_ours", exitCode: 8 })
        assert.strictEqual(readFileSync(file, "utf8"), "somebody else's")
      })
  )

  it.live("C-06 requires a token that a service can read", () =>
    Effect.gen(function*() {
      const home = yield* makeHome
      const env = { MUSTER_SERVER_URL: "http://127.0.0.1:1", MUSTER_TOKEN: token }
      const { code, stderr } = yield* runMuster(["daemon", "install"], { home, env })
      assert.strictEqual(code, 3)
      assert.match(stderr, /^error: the token comes from MUSTER_TOKEN, .*\nnext: {2}sign in/)
    }))

  it.live.each(
    [
      // Recorded over SSH without a session, and in a container.
      [
        "no bus",
        "echo 'Failed to connect to bus: No medium found' >&2; exit 1",
        "Failed to connect to bus: No medium found"
      ],
      [
        "no systemd",
        "echo 'System has not been booted with systemd as init system (PID 1)' >&2; exit 1",
        "System has not"
      ],
      ["no systemctl", undefined, "systemctl cannot be started"]
    ] as const
  )(
    "F-19 with %s it fails before it writes anything, and lists the alternatives",
    ([, script, why]) =>
      Effect.gen(function*() {
        const home = yield* signedInHome
        const bin = script === undefined ? yield* makeHome : yield* systemctlThat(script)
        const { code, stderr } = yield* runMuster(["daemon", "install"], { home, env: { PATH: bin } })
        assert.strictEqual(code, 8)
        assert.match(stderr, /^error: a user service cannot run here: /)
        assert.include(stderr, why)
        for (const way of ["loginctl enable-linger", "--system-unit", "muster daemon start"]) {
          assert.include(stderr, way)
        }
        assert.isFalse(existsSync(`${home}/.config`))
      })
  )

  it.live("C-06 uninstall stops the service and removes its file, once; a file of somebody else stays", () =>
    Effect.gen(function*() {
      const home = yield* signedInHome
      const bin = yield* systemctlThat(`echo "$@" >> ${home}/calls`)
      const muster = (...args: ReadonlyArray<string>) =>
        runMuster(args, { home, env: { PATH: `${bin}:/usr/bin:/bin` } })
      const file = `${home}/.config/systemd/user/muster-daemon.service`
      yield* muster("daemon", "install")
      assert.isTrue(existsSync(file))
      writeFileSync(`${home}/calls`, "")
      const removed = yield* muster("daemon", "uninstall")
      assert.strictEqual(removed.code, 0, removed.stderr)
      assert.match(
        removed.stdout,
        /^The service was stopped and ~\/.config\/.*\.service removed\. The data folder .* was kept\.\n$/
      )
      assert.isFalse(existsSync(file))
      assert.strictEqual(
        readFileSync(`${home}/calls`, "utf8"),
        "--user disable --now muster-daemon.service\n--user daemon-reload\n"
      )
      const again = yield* muster("daemon", "uninstall", "--json")
      assert.deepStrictEqual([again.code, JSON.parse(again.stdout)], [0, { file, removed: false }])
      writeFileSync(file, "somebody else's")
      const refused = yield* muster("daemon", "uninstall")
      assert.match(refused.stderr, /^error: \S+ was not written by muster\nnext: {2}stop that service/)
      assert.strictEqual(readFileSync(file, "utf8"), "somebody else's")
    }))

  it.live("C-06 restart restarts the service of a daemon that runs as one, and says so when that fails", () =>
    Effect.gen(function*() {
      const home = yield* signedInHome
      const bin = yield* systemctlThat(`echo "$@" >> ${home}/calls; [ "$2" != restart ]`)
      const muster = (...args: ReadonlyArray<string>) =>
        runMuster(args, { home, env: { PATH: `${bin}:/usr/bin:/bin` } })
      yield* muster("daemon", "install")
      const { code, stderr } = yield* muster("daemon", "restart")
      assert.strictEqual(code, 5)
      assert.match(stderr, /^error: the service did not restart\nnext: {2}see its log: muster daemon logs\n$/)
      assert.match(
        readFileSync(`${home}/calls`, "utf8"),
        /--user is-active .*\n--user restart muster-daemon\.service\n$/
      )
    }))

  it.live("F-19 prints a system unit, which runs as the person, and writes nothing", () =>
    Effect.gen(function*() {
      const home = yield* signedInHome
      const { code, stdout } = yield* runMuster(["daemon", "install", "--system-unit"], { home, env: { PATH: "/bin" } })
      assert.strictEqual(code, 0)
      assert.include(stdout.split("\n"), `User=${userInfo().username}`)
      assert.include(stdout, "WantedBy=multi-user.target")
      assert.include(stdout, `Environment="HOME=${userInfo().homedir}"`)
      assert.isFalse(existsSync(`${home}/.config`))
    }))

  it.live("T-26 running tasks have 10 minutes when a service stops, or as many seconds as are given", () =>
    Effect.gen(function*() {
      const home = yield* signedInHome
      const unit = (...flags: ReadonlyArray<string>) =>
        Effect.map(
          runMuster(["daemon", "install", "--system-unit", ...flags], { home, env: { PATH: "/bin" } }),
          ({ stdout }) => [/"--drain-tasks" "(\d+)"/.exec(stdout)?.[1], /^TimeoutStopSec=(\d+)$/m.exec(stdout)?.[1]]
        )
      assert.deepStrictEqual(yield* unit(), ["600", "610"])
      assert.deepStrictEqual(yield* unit("--drain-tasks", "0"), ["0", "10"])
    }))

  it("quotes what supervisors interpret", () => {
    const unit = systemdUnit(input)
    assert.include(unit, String.raw`ExecStart="/opt/my node" "a\"b\\c%%d$$e"`)
    assert.include(unit, String.raw`Environment="PATH=/usr/bin:/opt/\"x\""`)
    assert.include(unit, "(/data/100%%)")
    for (
      const line of ["Type=notify", "NotifyAccess=all", "WatchdogSec=600", "Restart=on-failure", "TimeoutStopSec=70"]
    ) {
      assert.include(unit.split("\n"), line)
    }
    assert.include(launchdPlist("l", { ...input, command: ["<&>"] }), "<string>&lt;&amp;&gt;</string>")
  })
})

import type { Scene } from "./Scene.ts"

const clis = ["claude", "codex", "gemini", "opencode"]

/** The machine with the longest name, which is the last one. */
export const longest = "workstation-of-the-design-team-with-a-long-name"

const named: ReadonlyArray<readonly [machine: string, online: boolean]> = [
  ["ada-laptop", true],
  ["build-01.berlin.example.internal", true],
  ["büro-mac", false],
  [longest, true]
]

/**
 * Fills a new workspace with 5,000 runtimes: some machines with names, and 50 racks. Two runtimes are in trouble: the CLI
 * of one did not list its models, that of another one is slow.
 */
export const fillLarge = async ({ call }: Scene["Service"], slug: string) => {
  const { id } = await call("POST", "/api/workspaces", { name: "Large", slug })
  const register = (machine: string, online: boolean, types: ReadonlyArray<string>) =>
    call("POST", "/api/daemon/register", {
      workspace_id: id,
      daemon_id: `${slug}-${machine}`,
      device_name: machine,
      runtimes: types.map((type) => ({
        name: `${type.charAt(0).toUpperCase()}${type.slice(1)} (${machine})`,
        type,
        version: "1.2.3",
        status: online ? "online" : "offline"
      }))
    })
  const ids: Array<string> = []
  for (const [machine, online] of named) {
    const { runtimes } = await register(machine, online, clis)
    ids.push(...runtimes.map(({ id }: { readonly id: string }) => id))
  }
  const types = (count: number) => Array.from({ length: count }, (_, i) => `cli-${i}`)
  for (let rack = 0; rack < 49; rack++) await register(`rack-${rack}`, rack % 7 !== 3, types(100))
  await register("rack-49", true, types(5_000 - 16 - 4_900))
  for (const [i, error] of ["codex: not signed in; run `codex login`", "gemini is slow: no answer in 15 s"].entries()) {
    const runtime = ids[i + 1]!
    const { id: request } = await call("POST", `/api/runtimes/${runtime}/models?fresh=1`, {}, id)
    await call("POST", `/api/daemon/runtimes/${runtime}/models/${request}/result`, { status: "failed", error })
  }
  return id as string
}

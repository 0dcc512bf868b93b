import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"

/** Each is loaded on use only: a peer's library must not affect another's figures. */
type Bench = Effect.Effect<unknown, unknown, NodeServices.NodeServices>

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  beats: () => import("./beats/Beats.ts").then(({ beats }) => beats),
  pickup: () => import("./pickup/Pickup.ts").then(({ pickup }) => pickup),
  "pickup-replicas": () => import("./pickup/PickupReplicas.ts").then(({ pickupReplicas }) => pickupReplicas),
  storm: () => import("./storm/Storm.ts").then(({ storm }) => storm),
  "import-skills": () => import("./skills/ImportSkills.ts").then(({ importSkills }) => importSkills),
  fleet: () => import("./fleet/FleetPages.ts").then(({ fleetPages }) => fleetPages),
  "claim-empty": () => import("./claim/ClaimEmpty.ts").then(({ claimEmpty }) => claimEmpty),
  "task-pickup": () => import("./task/TaskPickup.ts").then(({ taskPickup }) => taskPickup),
  "task-events": () => import("./task/TaskEvents.ts").then(({ taskEvents }) => taskEvents),
  "task-memory": () => import("./task/TaskMemory.ts").then(({ taskMemory }) => taskMemory),
  memory: () => import("./memory/Memory.ts").then(({ memory }) => memory),
  sockets: () => import("./sockets/Sockets.ts").then(({ sockets }) => sockets),
  startup: () => import("./startup/Startup.ts").then(({ startup }) => startup),
  tasks: () => import("./task/Tasks.ts").then(({ tasks }) => tasks),
  "requests-redis": () => import("./requests/RequestsRedis.ts").then(({ requestsRedis }) => requestsRedis),
  "requests-postgres": () => import("./requests/RequestsPostgres.ts").then(({ requestsPostgres }) => requestsPostgres)
}

const name = process.argv[2] ?? ""

const run = Effect.gen(function*() {
  if (!Object.hasOwn(benches, name)) {
    yield* Console.error(
      `usage: npm run bench -- NAME --json, where NAME is one of: ${Object.keys(benches).join(", ")}`
    )
    return yield* Effect.fail("usage" as const)
  }
  const result = yield* yield* Effect.promise(() => benches[name]!())
  yield* Console.log(process.argv.includes("--json") ? JSON.stringify(result) : result)
})

NodeRuntime.runMain(run.pipe(Effect.provide(NodeServices.layer)), { disableErrorReporting: name === "" })

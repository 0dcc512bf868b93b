import { Context, Effect, Layer } from "effect"
import { createHash } from "node:crypto"
import { delimiter, join } from "node:path"
import { taskSlots } from "../client/taskSlots.ts"
import { type Environment, HostEnvironment } from "../process/HostEnvironment.ts"

/** The maximum of `drainTasks`, in seconds. */
export const maxDrainTasks = 24 * 60 * 60

/** What the owner of the machine decided about tasks. */
export interface TaskSettingsValue {
  /** How many tasks run at once; 0: this machine takes none. */
  readonly slots: number
  /** Folders that tasks may use, besides those of the list in the data folder. */
  readonly folders: ReadonlyArray<string>
  /** Variables of the daemon's environment that agents get: names, or starts of names with `*`. */
  readonly agentVariables: ReadonlyArray<string>
  /** How long, in seconds, running tasks have to end when the daemon stops; 0: their agents are ended at once. */
  readonly drainTasks: number
  readonly dataDir: string
  readonly serverUrl: string
}

/** The options of a daemon that its tasks use. */
type TaskOptions = Pick<TaskSettingsValue, "dataDir" | "serverUrl"> & Partial<Pick<TaskSettingsValue, "drainTasks">>

export class TaskSettings
  extends Context.Service<TaskSettings, TaskSettingsValue>()("@muster/daemon/task/TaskSettings")
{}

/** Separates this daemon's processes from those of another one on the machine. */
export const ownerOf = ({ dataDir }: Pick<TaskSettingsValue, "dataDir">): string =>
  createHash("sha256").update(dataDir).digest("hex").slice(0, 16)

/** The folder of a task that names none: by its id, or by that of its conversation. */
export const ownFolder = ({ dataDir }: Pick<TaskSettingsValue, "dataDir">, name: string): string =>
  join(dataDir, "work", name)

const listFrom = (text: string | undefined, separator: string) =>
  (text ?? "").split(separator).map((entry) => entry.trim()).filter((entry) => entry !== "")

const settingsFrom = (host: Environment, { dataDir, drainTasks = 0, serverUrl }: TaskOptions) => ({
  slots: taskSlots(host),
  folders: listFrom(host["MUSTER_TASK_FOLDERS"], delimiter),
  agentVariables: listFrom(host["MUSTER_AGENT_ENV"], ","),
  drainTasks,
  dataDir,
  serverUrl
})

/** From the environment of the daemon. */
export const layerTaskSettings = (options: TaskOptions) =>
  Layer.effect(TaskSettings, Effect.map(HostEnvironment, (host) => settingsFrom(host, options)))

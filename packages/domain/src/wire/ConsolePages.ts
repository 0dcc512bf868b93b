/** The console's pages, by path. The server serves the console for each; the console routes by path. */
export const all = {
  fleet: "/",
  runtime: "/runtimes/:runtimeId",
  tasks: "/tasks",
  task: "/tasks/:taskId",
  machines: "/machines",
  machine: "/machines/:machineId",
  skills: "/skills",
  skill: "/skills/:skillId",
  requests: "/requests",
  request: "/requests/:requestId",
  people: "/people",
  audit: "/audit",
  settings: "/settings"
} as const

export type ConsolePage = keyof typeof all

/** The console's pages, by path. The server answers each with the console; which page it is, the console sees itself. */
export const all = {
  fleet: "/",
  runtime: "/runtimes/:runtimeId",
  skills: "/skills",
  requests: "/requests",
  settings: "/settings"
} as const

export type ConsolePage = keyof typeof all

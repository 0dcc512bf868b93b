/** The console's pages, by path. The server serves the console for each; the console routes by path. */
export const all = {
  fleet: "/",
  runtime: "/runtimes/:runtimeId",
  skills: "/skills",
  requests: "/requests",
  settings: "/settings"
} as const

export type ConsolePage = keyof typeof all

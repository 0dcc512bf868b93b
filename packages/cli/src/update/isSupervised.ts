/**
 * Whether a supervisor that restarts what ends in failure runs this process, as far as its environment tells. systemd's
 * INVOCATION_ID alone does not: terminals inherit it from the session. Source: systemd.exec(5), launchd's environment.
 */
export const isSupervised = (
  env: Readonly<Record<string, string | undefined>>,
  { parent, pid }: { readonly pid: number; readonly parent: number }
): boolean => {
  if (env["MUSTER_SUPERVISED"] === "1" || (env["NOTIFY_SOCKET"] ?? "") !== "") return true
  // The program may run in a process below the one that the supervisor started (`bin/muster.mjs`).
  if ([pid, parent].map(String).includes(env["SYSTEMD_EXEC_PID"] ?? "")) return true
  const service = env["XPC_SERVICE_NAME"] ?? "0"
  return service !== "0" && service.startsWith("dev.muster")
}

/** Answers each message of the parent process with the processor time that this process has used, in µs. For `child`. */
export const reportCpu = () => {
  process.on("message", () => {
    const { system, user } = process.cpuUsage()
    process.send?.({ micros: user + system })
  })
  // Waiting for messages must not keep a process alive that has ended.
  process.channel?.unref()
}

import { acpProvider } from "./AcpProvider.ts"

/** GitHub Copilot CLI. Without a login it refuses a session: `Authentication required`. */
export const copilot = acpProvider({ key: "copilot", command: "copilot", minimumVersion: "1.0.0", args: ["--acp"] })

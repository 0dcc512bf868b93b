import { acpProvider } from "./AcpProvider.ts"

/** Kimi Code. Without a login it refuses a session: `Authentication required`. */
export const kimi = acpProvider({ key: "kimi", command: "kimi", args: ["acp"] })

import { acpProvider } from "./AcpProvider.ts"

/** Kiro CLI. */
export const kiro = acpProvider({ key: "kiro", command: "kiro-cli", args: ["acp"] })

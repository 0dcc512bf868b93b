import { acpProvider } from "./AcpProvider.ts"

/** Hermes Agent; told by its variable that nobody is there to answer prompts (`behaviour.md` 15). */
export const hermes = acpProvider({ key: "hermes", command: "hermes", args: ["acp"], env: { HERMES_YOLO_MODE: "1" } })

/** What a runtime is called until a person names it: `Codex (box)`. Source: `docs/protocol.md` 5.2. */
export const runtimeName = (provider: string, deviceName: string): string =>
  `${provider.slice(0, 1).toUpperCase()}${provider.slice(1)} (${deviceName})`

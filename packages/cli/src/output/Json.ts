/** A value as the one JSON document that a command prints with `--json`. */
export const jsonText = (value: unknown): string => JSON.stringify(value, null, 2)

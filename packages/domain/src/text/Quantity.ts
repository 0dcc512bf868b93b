/** A time for people, from ms: `0.4 s`, `12 s`, `3 min 05 s`. */
export const duration = (ms: number): string => {
  const s = Math.max(0, ms) / 1_000
  if (s < 10) return `${s.toFixed(1)} s`
  if (s < 60) return `${Math.round(s)} s`
  return `${Math.floor(s / 60)} min ${`${Math.floor(s % 60)}`.padStart(2, "0")} s`
}

/** A number for people: `950`, `12.3k`, `1.2M`. */
export const compact = (n: number): string =>
  n < 1_000 ? `${n}` : n < 1_000_000 ? `${(n / 1_000).toFixed(1)}k` : `${(n / 1_000_000).toFixed(1)}M`

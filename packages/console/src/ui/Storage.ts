/** What this browser remembers for the page. A browser that refuses to remember makes the page forget, not fail. */

const prefix = "muster:"

export const stored = (key: string): string | undefined => {
  try {
    return localStorage.getItem(prefix + key) ?? undefined
  } catch {
    return undefined
  }
}

export const store = (key: string, value: string | undefined): void => {
  try {
    if (value === undefined) localStorage.removeItem(prefix + key)
    else localStorage.setItem(prefix + key, value)
  } catch {
    // Full or forbidden: it is forgotten.
  }
}

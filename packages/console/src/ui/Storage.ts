/** Values that this browser stores for the page. If the browser refuses to store, values are lost without an error. */

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
    // The storage is full or forbidden.
  }
}

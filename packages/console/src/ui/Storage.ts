/** Values that this browser stores for the page. If the browser refuses to store, values are lost without an error. */

const prefix = "muster:"

/** The storage is named by a function, since a browser that forbids it throws when a page names it. */
const read = (storage: () => Storage, key: string): string | undefined => {
  try {
    return storage().getItem(prefix + key) ?? undefined
  } catch {
    return undefined
  }
}

const write = (storage: () => Storage, key: string, value: string | undefined): void => {
  try {
    if (value === undefined) storage().removeItem(prefix + key)
    else storage().setItem(prefix + key, value)
  } catch {
    // The storage is full or forbidden.
  }
}

const ofBrowser = () => localStorage
const ofTab = () => sessionStorage

export const stored = (key: string): string | undefined => read(ofBrowser, key)

export const store = (key: string, value: string | undefined): void => write(ofBrowser, key, value)

/** The same for this tab only: the value remains until the tab is closed or the person signs out. */
export const storedInTab = (key: string): string | undefined => read(ofTab, key)

export const storeInTab = (key: string, value: string | undefined): void => write(ofTab, key, value)

/** What a person chose for the page: it remains after they sign out. */
const settings = new Set(["theme", "workspace"].map((key) => prefix + key))

const clear = (storage: () => Storage): void => {
  try {
    for (const key of Object.keys(storage())) {
      if (key.startsWith(prefix) && !settings.has(key)) storage().removeItem(key)
    }
  } catch {
    // The storage is forbidden, so it has no values.
  }
}

/** Removes what the browser and this tab store, besides settings. */
export const clearStored = (): void => [ofBrowser, ofTab].forEach(clear)

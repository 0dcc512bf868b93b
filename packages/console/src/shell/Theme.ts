import { useSyncExternalStore } from "react"
import { store, stored } from "../ui/Storage.ts"

export const themes = ["system", "light", "dark"] as const
export type Theme = (typeof themes)[number]

const read = (): Theme => themes.find((theme) => theme === stored("theme")) ?? "system"
let current = read()
const listeners = new Set<() => void>()

/** Sets the theme as an attribute of the root element, which the style sheets use. */
export const applyTheme = (): void => {
  document.documentElement.dataset["theme"] = current
}

export const chooseTheme = (theme: Theme): void => {
  current = theme
  store("theme", theme === "system" ? undefined : theme)
  applyTheme()
  for (const notify of listeners) notify()
}

const subscribe = (notify: () => void) => {
  listeners.add(notify)
  return () => void listeners.delete(notify)
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => current)

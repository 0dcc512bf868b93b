import { useEffect, useEffectEvent } from "react"

/** Whether the keyboard writes into a field, so that letters are text. */
const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches("input, select, textarea"))

/**
 * Handles keys of the page, by `KeyboardEvent.key`. Not while the person types, with a modifier key, or over a dialog or
 * menu. An action that returns false leaves the key to the browser.
 */
export const useKeys = (actions: Readonly<Record<string, () => unknown>>): void => {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || isTyping(event.target)) return
    if (event.target instanceof Element && event.target.closest("[role=dialog], [role=menu]") !== null) return
    if (Object.hasOwn(actions, event.key) && actions[event.key]!() !== false) event.preventDefault()
  })
  useEffect(() => {
    document.addEventListener("keydown", press)
    return () => document.removeEventListener("keydown", press)
  }, [])
}

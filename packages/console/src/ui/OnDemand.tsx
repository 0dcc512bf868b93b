import { type ComponentType, type ReactNode, useState } from "react"
import { say } from "./Toast.tsx"

/** The button of a menu or list. */
export interface OpeningButton {
  readonly className: string
  /** If absent, the button's content is its label. */
  readonly "aria-label"?: string
  readonly "aria-haspopup": "dialog" | "menu"
  readonly title?: string
  readonly children?: ReactNode
}

/** The properties of the loaded component, which shows the same button and opens immediately. */
export interface Opened {
  readonly button: OpeningButton
}

/**
 * Returns a button whose menu or list is loaded on first use: a fleet has hundreds of them. Hover and keyboard focus start to
 * load it.
 */
export const onDemand = <Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props & Opened> }>
) => {
  /** Loads in advance. A failure is reported when the person opens the menu. */
  const prepare = () => void load().catch(() => undefined)
  return (
    { button, children, ...props }: Props & { readonly button: OpeningButton; readonly children: ReactNode }
  ) => {
    const [Inside, setInside] = useState<ComponentType<Props & Opened>>()
    const open = () =>
      void load().then(
        (loaded) => setInside(() => loaded.default),
        () => say("This could not be loaded: the server is unreachable or has a newer version. Try again.", "bad")
      )
    if (Inside !== undefined) return <Inside {...props as unknown as Props} button={{ ...button, children }} />
    return (
      <button
        type="button"
        aria-expanded={false}
        {...button}
        onPointerEnter={prepare}
        onFocus={prepare}
        onClick={open}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return
          event.preventDefault()
          open()
        }}
      >
        {children}
      </button>
    )
  }
}

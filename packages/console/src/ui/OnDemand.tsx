import { type ComponentType, type ReactNode, useState } from "react"
import { say } from "./Toast.tsx"

/** The button of something that opens. */
export interface OpeningButton {
  readonly className: string
  /** Absent: what stands in it. */
  readonly "aria-label"?: string
  readonly "aria-haspopup": "dialog" | "menu"
  readonly title?: string
  readonly children?: ReactNode
}

/** What is opened: it shows the same button, and opens at once. */
export interface Opened {
  readonly button: OpeningButton
}

/**
 * A button whose menu or list is loaded, and costs anything, only once somebody wants it: a fleet has hundreds of them.
 * Pointing at it or reaching it by keyboard begins to load.
 */
export const onDemand = <Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props & Opened> }>
) => {
  /** Pointing at it only prepares: whoever then opens it is told where that fails. */
  const prepare = () => void load().catch(() => undefined)
  return (
    { button, children, ...props }: Props & { readonly button: OpeningButton; readonly children: ReactNode }
  ) => {
    const [Inside, setInside] = useState<ComponentType<Props & Opened>>()
    const open = () =>
      void load().then(
        (loaded) => setInside(() => loaded.default),
        () => say("This could not be loaded: the server cannot be reached, or has a newer page. Try again.", "bad")
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

import { type ComponentType, lazy, type ReactNode, Suspense, useState } from "react"

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
  const Inside = lazy(load) as unknown as ComponentType<Props & Opened>
  return (
    { button, children, ...props }: Props & { readonly button: OpeningButton; readonly children: ReactNode }
  ) => {
    const [opened, setOpened] = useState(false)
    const closed = (
      <button
        type="button"
        aria-expanded={false}
        {...button}
        onPointerEnter={() => void load()}
        onFocus={() => void load()}
        onClick={() => setOpened(true)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return
          event.preventDefault()
          setOpened(true)
        }}
      >
        {children}
      </button>
    )
    return opened
      ? (
        <Suspense fallback={closed}>
          <Inside {...props as unknown as Props} button={{ ...button, children }} />
        </Suspense>
      )
      : closed
  }
}

import { Dialog, DialogHeading } from "@ariakit/react"
import { type ReactNode, useRef } from "react"

/** A modal dialog; Escape closes it. The element with `data-autofocus` gets the focus. */
export const Modal = ({ children, close, title, wide = false }: {
  readonly title: string
  readonly close: () => void
  readonly children: ReactNode
  readonly wide?: boolean
}) => {
  const box = useRef<HTMLDivElement>(null)
  return (
    <Dialog
      ref={box}
      open
      onClose={close}
      className={`modal ${wide ? "wide" : ""}`}
      backdrop={<div className="backdrop" />}
      autoFocusOnShow={() => {
        const first = box.current?.querySelector<HTMLElement>("[data-autofocus]")
        first?.focus()
        return first == null
      }}
    >
      <DialogHeading className="modal-title">{title}</DialogHeading>
      {children}
    </Dialog>
  )
}

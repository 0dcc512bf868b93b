import { type ReactNode, useState } from "react"

/** A line that opens. What is inside is made only while it is open: a log has hundreds of these. */
export const Folded = ({ children, className, summary }: {
  readonly className: string
  readonly summary: ReactNode
  readonly children: () => ReactNode
}) => {
  const [open, setOpen] = useState(false)
  return (
    <details className={`folded ${className}`} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{summary}</summary>
      {open ? children() : null}
    </details>
  )
}

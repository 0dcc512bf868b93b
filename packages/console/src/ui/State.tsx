import type { ReactNode } from "react"
import { Button } from "./Button.tsx"
import { Icon, type IconName } from "./Icon.tsx"

/** A loading state. It appears after a short delay, so that fast responses do not flicker. */
export const Loading = ({ what }: { readonly what: string }) => (
  <div className="state loading" role="status">
    <span className="hidden">Loading {what} …</span>
    <div className="skeleton" aria-hidden="true">
      <i />
      <i />
      <i />
    </div>
  </div>
)

export const Failure = ({ again, children, problem }: {
  readonly problem: Error
  readonly again?: () => void
  readonly children?: ReactNode
}) => (
  <div className="state failure" role="alert">
    <Icon name="warning" />
    <p>{problem.message}.</p>
    {children}
    {again === undefined ? null : <Button onClick={again}>Try again</Button>}
  </div>
)

/** The state of an empty list, with how to fill it. */
export const Empty = ({ children, icon, title }: {
  readonly title: string
  readonly icon: IconName
  readonly children?: ReactNode
}) => (
  <div className="state empty">
    <Icon name={icon} />
    <h2>{title}</h2>
    {children}
  </div>
)

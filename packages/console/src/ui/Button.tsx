import type { ComponentProps } from "react"

interface ButtonProps extends ComponentProps<"button"> {
  readonly kind?: "primary" | "plain" | "quiet" | "danger"
  /** Its action is running: the button stays focusable and ignores clicks. */
  readonly busy?: boolean
}

export const Button = ({ busy = false, children, className = "", kind = "plain", onClick, ...props }: ButtonProps) => (
  <button
    type="button"
    className={`button ${kind} ${className}`}
    aria-disabled={busy || undefined}
    aria-busy={busy || undefined}
    onClick={busy ? (event) => event.preventDefault() : onClick}
    {...props}
  >
    {busy ? <Spinner /> : null}
    {children}
  </button>
)

/** A spinner. The text next to it names the action. */
const Spinner = () => <span className="spinner" aria-hidden="true" />

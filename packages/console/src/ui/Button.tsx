import type { ComponentProps } from "react"

interface ButtonProps extends ComponentProps<"button"> {
  readonly kind?: "primary" | "plain" | "quiet" | "danger"
  /** What it began is under way: it stays focusable and does nothing more. */
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

/** Something is under way; the words beside it say what. */
export const Spinner = () => <span className="spinner" aria-hidden="true" />

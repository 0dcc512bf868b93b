import type { ReactNode } from "react"
import { Button } from "./Button.tsx"
import { CopyButton } from "./CopyButton.tsx"

/** A text that the server shows once, with buttons that copy it and close the dialog. */
export const Secret = ({ children, close, text, what }: {
  readonly text: string
  /** What the copy button copies: `the link`. */
  readonly what: string
  readonly close: () => void
  readonly children?: ReactNode
}) => (
  <>
    <pre><code>{text}</code></pre>
    {children}
    <div className="actions">
      <CopyButton text={text} what={what} />
      <Button kind="primary" onClick={close} data-autofocus>Done</Button>
    </div>
  </>
)

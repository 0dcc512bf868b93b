import { useState } from "react"
import { Button } from "./Button.tsx"
import { Icon } from "./Icon.tsx"
import { say } from "./Toast.tsx"

/** A button that copies a text to the clipboard. Reports if the browser refuses, for example without TLS. */
export const CopyButton = ({ text, what }: { readonly text: string; readonly what: string }) => {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      say("This browser does not allow copying. Select the text instead.", "bad")
    }
  }
  return (
    <Button onClick={() => void copy()} onBlur={() => setCopied(false)}>
      <Icon name={copied ? "check" : "copy"} />
      {copied ? "Copied" : `Copy ${what}`}
    </Button>
  )
}

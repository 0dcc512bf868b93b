import type { KeyboardEvent, Ref } from "react"
import { Icon } from "./Icon.tsx"

interface SearchProps {
  /** What the input filters, for screen readers: `runtimes`. */
  readonly what: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly input?: Ref<HTMLInputElement>
  readonly onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void
  readonly placeholder?: string
}

/** An input that filters a list while the person types. */
export const Search = ({ input, onChange, onKeyDown, placeholder = "Filter", value, what }: SearchProps) => (
  <label className="search">
    <Icon name="search" />
    <span className="hidden">Filter {what}</span>
    <input
      ref={input}
      type="search"
      placeholder={placeholder}
      value={value}
      maxLength={256}
      onChange={({ target }) => onChange(target.value)}
      onKeyDown={onKeyDown}
    />
  </label>
)

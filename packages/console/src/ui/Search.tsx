import { Icon } from "./Icon.tsx"

interface SearchProps {
  /** What the input filters, for screen readers: `runtimes`. */
  readonly what: string
  readonly value: string
  readonly onChange: (value: string) => void
}

/** An input that filters a list while the person types. */
export const Search = ({ onChange, value, what }: SearchProps) => (
  <label className="search">
    <Icon name="search" />
    <span className="hidden">Filter {what}</span>
    <input type="search" placeholder="Filter" value={value} onChange={({ target }) => onChange(target.value)} />
  </label>
)

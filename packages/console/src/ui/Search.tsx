import { Icon } from "./Icon.tsx"

interface SearchProps {
  /** What it narrows down, for those who cannot see it: `runtimes`. */
  readonly what: string
  readonly value: string
  readonly onChange: (value: string) => void
}

/** A field that filters a list as one types. */
export const Search = ({ onChange, value, what }: SearchProps) => (
  <label className="search">
    <Icon name="search" />
    <span className="hidden">Filter {what}</span>
    <input type="search" placeholder="Filter" value={value} onChange={({ target }) => onChange(target.value)} />
  </label>
)

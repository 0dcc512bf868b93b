/** Which operations Redis refuses at present although it answers. Bounded by the number of operations. */
export class Refusals {
  readonly #operations = new Set<string>()

  /** Redis refused this operation. */
  refused(operation: string): void {
    this.#operations.add(operation)
  }

  /** An operation succeeded. Returns true if it was the last one of those refused. */
  succeeded(operation: string): boolean {
    return this.#operations.delete(operation) && this.#operations.size === 0
  }
}

import { Component, type ReactNode } from "react"
import { Failure } from "./State.tsx"

/** A page that broke, or that a new version of the server no longer has: the rest of the console goes on. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    return this.state.broken
      ? (
        <Failure
          problem={new Error("This page could not be shown; perhaps the server has a newer one")}
          again={() => location.reload()}
        />
      )
      : this.props.children
  }
}

import { Component, type ReactNode } from "react"
import { Failure } from "./State.tsx"

/** Contains the error of a page, such as a file that a newer server does not have, so that the rest of the console works. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    return this.state.broken
      ? (
        <Failure
          problem={new Error("This page could not be shown. The server may have a newer version")}
          again={() => location.reload()}
        />
      )
      : this.props.children
  }
}

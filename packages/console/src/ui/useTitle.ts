import { useEffect } from "react"

/** What the browser's tab says. */
export const useTitle = (page: string | undefined): void => {
  useEffect(() => {
    document.title = page === undefined ? "Muster" : `${page} · Muster`
  }, [page])
}

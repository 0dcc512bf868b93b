import { useEffect } from "react"

/** Sets the title of the browser's tab. */
export const useTitle = (page: string | undefined): void => {
  useEffect(() => {
    document.title = page === undefined ? "Muster" : `${page} · Muster`
  }, [page])
}

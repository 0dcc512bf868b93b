import type { ComponentProps, MouseEvent } from "react"
import { navigate } from "../route/Route.ts"

/** A link within the console. With a modifier key the browser handles it. */
export const Link = ({ href, onClick, ...props }: ComponentProps<"a"> & { readonly href: string }) => {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(href)
  }
  return <a href={href} onClick={follow} {...props} />
}

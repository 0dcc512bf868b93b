import { type RefObject, useLayoutEffect, useState } from "react"

/** How much of a list is drawn beyond the window, and the step in which the drawn part changes, in px. */
const beyond = 400
const step = 200

/** Which part of a list is drawn, in px from its top, and how wide the list is. */
export interface View {
  readonly from: number
  readonly to: number
  readonly width: number
}

/** The part of a list that is in the window, with some beyond. */
export const useView = (list: RefObject<HTMLElement | null>): View => {
  const [view, setView] = useState<View>({ from: 0, to: 0, width: 0 })
  useLayoutEffect(() => {
    const element = list.current
    if (element === null) return
    const measure = () => {
      const { top, width } = element.getBoundingClientRect()
      const from = Math.max(0, Math.floor((-top - beyond) / step) * step)
      const to = Math.max(0, Math.ceil((innerHeight - top + beyond) / step) * step)
      setView((view) => view.from === from && view.to === to && view.width === width ? view : { from, to, width })
    }
    measure()
    // What is above the list may grow: the page's height changes then.
    const sizes = new ResizeObserver(measure)
    sizes.observe(element)
    sizes.observe(document.body)
    addEventListener("scroll", measure, { passive: true })
    addEventListener("resize", measure)
    return () => {
      sizes.disconnect()
      removeEventListener("scroll", measure)
      removeEventListener("resize", measure)
    }
  }, [list])
  return view
}

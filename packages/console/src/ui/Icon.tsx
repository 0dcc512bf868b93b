/** Shapes of 16 × 16, drawn in the text's color. */
const shapes = {
  fleet: "M2.5 3.5h11v3.5h-11zM2.5 9h11v3.5h-11zM5 5.25h.01M5 10.75h.01",
  tasks: "M2.5 4.2l1.2 1.2L6 3M8.5 4.3h5M2.5 8.2l1.2 1.2L6 7M8.5 8.3h5M2.5 12.2l1.2 1.2L6 11M8.5 12.3h5",
  machines: "M3 3.5h10v6.5H3zM1.5 12.5h13",
  people:
    "M6 7.5a2.5 2.5 0 100-5 2.5 2.5 0 000 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 3a2.5 2.5 0 010 4.5M12 9.7c1.6.6 2.5 2 2.5 3.8",
  skills: "M8 2.5l1.6 3.6 3.9.4-2.9 2.6.8 3.9L8 11l-3.4 2 .8-3.9L2.5 6.5l3.9-.4z",
  requests: "M2.5 4.5h9m0 0L9 2m2.5 2.5L9 7M13.5 11.5h-9m0 0L7 9m-2.5 2.5L7 14",
  settings:
    "M2.5 4.5h6m3 0h2M2.5 11.5h2m3 0h6M8.5 4.5a1.5 1.5 0 103 0 1.5 1.5 0 00-3 0zM4.5 11.5a1.5 1.5 0 103 0 1.5 1.5 0 00-3 0z",
  more: "M3 8a.5.5 0 101 0 .5.5 0 00-1 0zM7.5 8a.5.5 0 101 0 .5.5 0 00-1 0zM12 8a.5.5 0 101 0 .5.5 0 00-1 0z",
  search: "M7 11.5a4.5 4.5 0 100-9 4.5 4.5 0 000 9zM10.5 10.5l3 3",
  check: "M3 8.5l3.2 3.2L13 4.8",
  cross: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5h7v7h-7zM3.5 10.5v-7h7",
  down: "M4 6.5l4 4 4-4",
  right: "M6.5 4l4 4-4 4",
  up: "M8 13V4m0 0L4.5 7.5M8 4l3.5 3.5M3.5 2h9",
  refresh: "M13 8a5 5 0 11-1.6-3.7M13 2.5v2.8h-2.8",
  back: "M9.5 3.5L5 8l4.5 4.5",
  out: "M6 2.5H3v11h3M7 8h6.5m0 0L11 5.5M13.5 8L11 10.5",
  sun:
    "M8 5a3 3 0 100 6 3 3 0 000-6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7",
  moon: "M13 9.5A5.5 5.5 0 116.5 3 4.5 4.5 0 0013 9.5z",
  screen: "M2.5 3.5h11v7h-11zM6 13.5h4",
  warning: "M8 2.5l6 10.5H2zM8 6.5v3M8 11.2h.01",
  help: "M8 13.5a5.5 5.5 0 100-11 5.5 5.5 0 000 11zM6.4 6.5a1.6 1.6 0 113 .7c-.4.7-1.4.9-1.4 1.9M8 11.1h.01",
  lock: "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 015 0v2.5",
  globe: "M8 13.5a5.5 5.5 0 100-11 5.5 5.5 0 000 11zM2.5 8h11M8 2.5c2 2 2 9 0 11M8 2.5c-2 2-2 9 0 11"
} as const

export type IconName = keyof typeof shapes

/** A decorative icon. The text next to it or the label of its button describes it. */
export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d={shapes[name]} />
  </svg>
)

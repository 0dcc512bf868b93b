import type { Wake } from "@muster/domain"

/** The one channel of all wakes. */
export const channel = "muster_wake"

/** The maximum size of a notification, in bytes; PostgreSQL's own bound is 8,000. */
const mostBytes = 7_900

/** The sender of a notification, and its topics. */
export interface Notification {
  readonly sender: string
  readonly topics: ReadonlyArray<Wake.Topic>
}

/** The topics as few payloads: words of ASCII with a space between, the sender's first. Longer words are left out. */
export const payloadsOf = (sender: string, topics: Iterable<Wake.Topic>): ReadonlyArray<string> => {
  const payloads: Array<string> = []
  let payload = sender
  for (const topic of topics) {
    if (sender.length + topic.length >= mostBytes) continue
    if (payload.length + 1 + topic.length > mostBytes) {
      payloads.push(payload)
      payload = sender
    }
    payload += ` ${topic}`
  }
  payloads.push(payload)
  return payloads
}

export const readPayload = (payload: string): Notification => {
  const [sender = "", ...topics] = payload.split(" ")
  return { sender, topics: topics as ReadonlyArray<Wake.Topic> }
}

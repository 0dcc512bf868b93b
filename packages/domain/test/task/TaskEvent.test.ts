import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { TaskEvent } from "@muster/domain"

const text: TaskEvent.Body = { kind: "text", text: "größe" }
const bodies: ReadonlyArray<TaskEvent.Body> = [
  text,
  { kind: "thought", text: "" },
  { kind: "output", id: "c", offset: 0, text: "" },
  { kind: "tool", id: "c", status: "pending", input: {} },
  { kind: "tool", id: "c", status: "completed" },
  { kind: "turn", phase: "begin", number: 1 },
  { kind: "notice", text: "cut" },
  { kind: "error", text: "no" }
]
const { maxLogBytes, maxLogEvents } = TaskEvent

describe("TaskEvent", () => {
  it("the size of an event is that of its body as JSON in UTF-8", () => {
    strictEqual(TaskEvent.sizeOf(text), "{\"kind\":\"text\",\"text\":\"größe\"}".length + 2)
  })

  it("T-30 an event is stored if it fits within the bounds", () => {
    const size = TaskEvent.sizeOf(text)
    assertTrue(TaskEvent.isStored({ events: maxLogEvents - 1, bytes: 0 }, text))
    assertFalse(TaskEvent.isStored({ events: maxLogEvents, bytes: 0 }, text))
    assertTrue(TaskEvent.isStored({ events: 0, bytes: maxLogBytes - size }, text))
    assertFalse(TaskEvent.isStored({ events: 0, bytes: maxLogBytes - size + 1 }, text))
  })

  it("T-30 beyond the bounds only what tells how it went is stored, up to twice the bounds", () => {
    const storedAt = (times: number) =>
      bodies.filter((body) =>
        TaskEvent.isStored({ events: times * maxLogEvents - 1, bytes: times * maxLogBytes - 100 }, body)
      )
    deepStrictEqual(storedAt(1), bodies)
    for (const full of [{ events: maxLogEvents, bytes: 0 }, { events: 0, bytes: maxLogBytes }]) {
      deepStrictEqual(bodies.filter((body) => TaskEvent.isStored(full, body)), bodies.slice(4))
    }
    deepStrictEqual(storedAt(2), bodies.slice(4))
    for (const full of [{ events: 2 * maxLogEvents, bytes: 0 }, { events: 0, bytes: 2 * maxLogBytes }]) {
      deepStrictEqual(bodies.filter((body) => TaskEvent.isStored(full, body)), [])
    }
  })
})

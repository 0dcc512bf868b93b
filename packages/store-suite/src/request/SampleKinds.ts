import { Kinds, RequestKind } from "@muster/domain"
import { Schema, Struct } from "effect"

const second = 1_000

const sample = (name: string, terms: Omit<RequestKind.Terms, "texts">): RequestKind.RequestKind => ({
  name,
  path: name,
  payload: Schema.Struct({}),
  result: Schema.Struct({}),
  blank: { supported: true },
  asking: { scope: "ask", ask: "use", look: "see", online: true },
  terms: { ...terms, texts: RequestKind.limitTexts(terms.pending / second, terms.running / second) },
  ackField: `pending_${name}`
})

const many = (max: number): RequestKind.Admission => ({ _tag: "Many", max })

/** Any number of callers share one; an unanswered delivery is repeated once. */
export const Shared = sample("shared", {
  pending: 30 * second,
  running: 60 * second,
  retention: 120 * second,
  deliveries: 2,
  redeliverAfter: 20 * second,
  admission: { _tag: "Coalesce" }
})

/** Shared too, but delivered once. */
export const Once = sample("once", {
  pending: 10 * second,
  running: 10 * second,
  retention: 60 * second,
  deliveries: 1,
  redeliverAfter: 5 * second,
  admission: { _tag: "Coalesce" }
})

/** One at a time; its running limit is shorter than its pending one. */
export const Lonely = sample("lonely", {
  pending: 120 * second,
  running: 50 * second,
  retention: 300 * second,
  deliveries: 1,
  redeliverAfter: 20 * second,
  admission: { _tag: "Exclusive", conflict: "one lonely request is under way" }
})

/** A few at a time, delivered up to three times. */
export const Few = sample("few", {
  pending: 40 * second,
  running: 90 * second,
  retention: 30 * second,
  deliveries: 3,
  redeliverAfter: 20 * second,
  admission: many(3)
})

/** As many as the largest kind. */
export const Crowd = sample("crowd", {
  pending: 180 * second,
  running: 60 * second,
  retention: 300 * second,
  deliveries: 2,
  redeliverAfter: 20 * second,
  admission: many(500)
})

export const sampleKinds: ReadonlyArray<RequestKind.RequestKind> = [Shared, Once, Lonely, Few, Crowd]

/** Everything that a store sees of a kind, except its texts. */
const seen = ({ terms }: RequestKind.RequestKind) => JSON.stringify(Struct.omit(terms, ["texts"]))

/** The kinds of every test without a kind of its own: the samples, and those with other terms. */
export const everyKind: ReadonlyArray<RequestKind.RequestKind> = [
  ...sampleKinds,
  ...Kinds.all.filter((kind) => !sampleKinds.some((sample) => seen(sample) === seen(kind)))
]

/** How many requests of the kind may wait for one runtime. */
export const roomOf = ({ terms: { admission } }: RequestKind.RequestKind): number =>
  admission._tag === "Many" ? admission.max : 1

export const kindsWithRoom = everyKind.filter((kind) => roomOf(kind) > 1)
export const kindsAlone = everyKind.filter((kind) => roomOf(kind) === 1)
export const sharedKinds = everyKind.filter(({ terms }) => terms.admission._tag === "Coalesce")
export const exclusiveKinds = everyKind.filter(({ terms }) => terms.admission._tag === "Exclusive")
export const repeatedKinds = everyKind.filter(({ terms }) => terms.deliveries > 1)
export const unrepeatedKinds = everyKind.filter(({ terms }) => terms.deliveries === 1)

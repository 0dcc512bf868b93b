import { assert, describe, it } from "@effect/vitest"
import { Instances } from "@muster/domain"
import { Arbitrary, Schema } from "effect"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** The pauses between beats: the usual 15 s and near values. */
const pauses = Arbitrary.array(Arbitrary.schema(between(1_000, 20_000)), { minLength: 1, maxLength: 30 })

/** Beats of these instances, each so many ms after the one before. */
const after = (beats: ReadonlyArray<readonly [instance: string, pause: number]>) => {
  let known: Instances.Instances | null = null
  let now = 1_000_000
  return beats.map(([instance, pause]) => {
    now += pause
    known = Instances.afterBeat(known, instance, now)
    return { instance, known, second: Instances.isSecond(known, instance), now }
  })
}

describe("the instances of a daemon", () => {
  it.prop("F-05 restarts, at any rate, are never detected as a second machine", {
    lives: Arbitrary.array(pauses, { minLength: 1, maxLength: 6 })
  }, ({ lives }) => {
    const beats = lives.flatMap((pauses, life) => pauses.map((pause) => [`life-${life}`, pause] as const))
    assert.isTrue(after(beats).every(({ known, second }) => !second && !known.proven))
  })

  it.prop(
    "F-05 of two instances that beat in turn the later one is the second machine, when the first has beaten twice",
    {
      before: Arbitrary.array(Arbitrary.schema(between(1_000, 20_000)), { minLength: 1, maxLength: 5 }),
      turns: Arbitrary.array(Arbitrary.schema(Schema.Struct({ a: between(1_000, 15_000), b: between(1, 15_000) })), {
        minLength: 4,
        maxLength: 10
      })
    },
    ({ before, turns }) => {
      const beats = [
        ...before.map((pause) => ["a", pause] as const),
        ...turns.flatMap(({ a, b }) => [["b", b] as const, ["a", a] as const])
      ]
      const seen = after(beats)
      assert.isFalse(seen.some(({ instance, second }) => instance === "a" && second))
      // b, a, b, a: from its third beat on.
      const ofB = seen.filter(({ instance }) => instance === "b")
      assert.deepStrictEqual(ofB.map(({ second }) => second), ofB.map((_, i) => i >= 2))
      const { known, now } = seen.at(-1)!
      assert.isTrue(Instances.isToBeTold(known, "a", now))
      assert.isFalse(Instances.isToBeTold(known, "b", now))
    }
  )

  it("F-05 three clones are detected one after the other", () => {
    const beats: Array<readonly [string, number]> = []
    for (let turn = 0; turn < 12; turn++) for (const one of ["a", "b", "c"]) beats.push([one, 5_000])
    const told = new Set<string>()
    let known: Instances.Instances | null = null
    let now = 0
    for (const [instance, pause] of beats) {
      now += pause
      if (told.has(instance)) continue
      known = Instances.afterBeat(known, instance, now)
      if (Instances.isSecond(known, instance)) told.add(instance)
    }
    assert.deepStrictEqual([...told], ["b", "c"])
  })

  it("F-05 one delayed beat proves nothing, and the restart becomes the holder", () => {
    const seen = after([["old", 0], ["new", 5_000], ["old", 10], ["new", 15_000], ["new", 15_000], [
      "new",
      Instances.handover
    ]])
    assert.isFalse(seen.some(({ second }) => second))
    assert.strictEqual(seen.at(-1)!.known.holder, "new")
  })

  it("F-05 a daemon that names no process (v0.3.1), or a name out of bounds, is not judged", () => {
    assert.strictEqual(Instances.instanceFrom(undefined), "")
    assert.strictEqual(Instances.instanceFrom("a b"), "")
    assert.strictEqual(Instances.instanceFrom("x".repeat(65)), "")
    assert.strictEqual(
      Instances.instanceFrom("0f6c2b1e-0000-4000-8000-000000000001"),
      "0f6c2b1e-0000-4000-8000-000000000001"
    )
  })
})

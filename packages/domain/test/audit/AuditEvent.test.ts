import { assert, describe, it } from "@effect/vitest"
import { AuditLog } from "@muster/domain"

const id = AuditLog.AuditId.make("00000000-0000-4000-8000-00000000000a")
const event: AuditLog.AuditEvent = {
  id,
  at: 1,
  workspaceId: null,
  actor: { kind: "person", id: "a", name: "Ana" },
  credential: { kind: "token", id: "t", prefix: "mul_00112233" },
  action: "token.create",
  target: { kind: "token", id: "t", name: "Laptop" },
  address: "192.0.2.1",
  client: "cli",
  details: { days: 3, old: null, on: true }
}

describe("events of the audit log", () => {
  it("A-07 an event within the bounds does not change", () => {
    assert.deepStrictEqual(AuditLog.boundedAudit(event), event)
  })

  it("A-07 possible secrets are shortened to their prefix, in every text", () => {
    const secret = `mul_${"0011223344".repeat(4)}`
    const bounded = AuditLog.boundedAudit({
      ...event,
      actor: { kind: "person", id: secret, name: `Ana ${secret}` },
      credential: { kind: "token", id: secret, prefix: secret },
      target: { kind: secret, id: secret, name: `x${secret.replace("mul_", " mdt_")}y` },
      address: secret,
      client: secret,
      details: { [secret]: `Bearer ${secret}` }
    })
    assert.notInclude(JSON.stringify(bounded), "44001122")
    assert.deepStrictEqual(bounded.details, { "mul_00112233…": "Bearer mul_00112233…" })
  })

  it("A-07 texts are one line and cut, and there are at most 16 details", () => {
    const long = `a\u202Eb\nc${"d".repeat(10_000)}`
    const bounded = AuditLog.boundedAudit({
      ...event,
      target: { kind: long, id: long, name: long },
      client: long,
      details: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`k${n}`, long]))
    })
    assert.strictEqual(Object.keys(bounded.details).length, AuditLog.auditLimits.details)
    assert.strictEqual(bounded.details["k0"], `ab c${"d".repeat(AuditLog.auditLimits.text - 4)}`)
    assert.isBelow(JSON.stringify(bounded).length, 10_000)
  })

  it("A-07 a cursor reads back as written, and other text is not a cursor", () => {
    assert.deepStrictEqual(AuditLog.parseAuditCursor(AuditLog.auditCursorText({ at: 12, id })), { at: 12, id })
    for (const text of ["", "12", `-1_${id}`, `1_${id}x`, `1_${"x".repeat(36)}`, `${"9".repeat(17)}_${id}`]) {
      assert.strictEqual(AuditLog.parseAuditCursor(text), undefined)
    }
  })

  it("A-07 actions are `subject.verb`, and a refusal has its own verb", () => {
    for (const action of AuditLog.AuditAction.literals) assert.match(action, /^[a-z_]+\.[a-z_]+$/)
    assert.deepStrictEqual([AuditLog.isAuditRefusal("sign_in.refuse"), AuditLog.isAuditRefusal("sign_in.accept")], [
      true,
      false
    ])
  })
})

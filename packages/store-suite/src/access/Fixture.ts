import { type NewToken, type TokenHash, TokenHash as Hash, type UserId } from "@muster/domain"

/** A hash that stands for the token with this number. */
export const hashOf = (n: number): TokenHash => Hash.make(n.toString(16).padStart(64, "0"))

export const newToken = (userId: UserId, n: number, more: Partial<NewToken> = {}): NewToken => ({
  userId,
  purpose: "api",
  madeWith: null,
  name: `token ${n}`,
  hash: hashOf(n),
  prefix: "mul_00112233",
  expiresAt: null,
  ...more
})

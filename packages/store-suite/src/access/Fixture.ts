import { type Access, type Identity, Token } from "@muster/domain"

/** A hash that stands for the token with this number. */
export const hashOf = (n: number): Token.TokenHash => Token.TokenHash.make(n.toString(16).padStart(64, "0"))

export const newToken = (userId: Identity.UserId, n: number, more: Partial<Access.NewToken> = {}): Access.NewToken => ({
  userId,
  purpose: "api",
  madeWith: null,
  name: `token ${n}`,
  hash: hashOf(n),
  prefix: "mul_00112233",
  expiresAt: null,
  ...more
})

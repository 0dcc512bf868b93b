import { assert, describe, it } from "@effect/vitest"
import { providerReason } from "../../src/task/providerReason.ts"

/** As Codex 0.171.0 and OpenCode 1.18.33 say it, recorded; the others as their documentation has it. */
const sentences = [
  [
    "opencode acp refused session/prompt: Internal error: Cannot connect to API: Unable to connect. Is the computer able to access the url?",
    "provider_network"
  ],
  [
    "stream disconnected before completion: error sending request for url (https://api.example.com/v1/responses)",
    "provider_network"
  ],
  ["API Error: Connection error.", "provider_network"],
  ["request failed, reason: getaddrinfo ENOTFOUND api.example.com", "provider_network"],
  ["exceeded retry limit, last status: 429 Too Many Requests", "provider_quota"],
  ["You've hit your usage limit. Try again later.", "provider_quota"],
  ["Credit balance is too low", "provider_quota"],
  [
    "unexpected status 401 Unauthorized: no key, url: http://127.0.0.1/v1/responses (log in on the machine: codex login)",
    "provider_auth"
  ],
  ["We’re currently experiencing high demand, which may cause temporary errors.", "agent_error"],
  ["opencode acp refused session/prompt: Internal error: the scripted model refuses", "agent_error"],
  ["I could not connect the two modules", "agent_error"],
  ["", "agent_error"]
] as const

describe("what an agent says of its provider", () => {
  it.each(sentences)("%s is %s", (sentence, reason) => {
    assert.strictEqual(providerReason(sentence), reason)
  })
})

import type { CustomFetch } from "openid-client"
import { isSafe } from "./OidcSettings.ts"

/** The largest body that is read from the provider, in bytes. */
const maxBytes = 1024 * 1024

const bounded = () => {
  let bytes = 0
  return new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      bytes += chunk.length
      if (bytes > maxBytes) controller.error(new Error(`its response is larger than ${maxBytes / 1024 / 1024} MiB`))
      else controller.enqueue(chunk)
    }
  })
}

/**
 * Fetches from the provider. Refuses an address that is neither https nor on this machine, and fails a body above 1 MiB.
 * Follows no redirect. The deadline is the caller's signal, which also covers the body.
 */
export const boundedFetch: CustomFetch = async (url, options) => {
  if (!isSafe(new URL(url))) throw new Error(`it names an address without https: ${url}`)
  const response = await fetch(url, options as RequestInit)
  return new Response(response.body?.pipeThrough(bounded()) ?? null, response)
}

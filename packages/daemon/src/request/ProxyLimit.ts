import { Kinds, Report as ReportBody } from "@muster/domain"
import type { Report } from "../client/ServerApi.ts"
import type { Refused, ServerError } from "../client/ServerError.ts"

/** The limit for bodies that a proxy needs: the largest report that the server accepts. */
const neededLimit = Kinds.all
  .flatMap(({ reportBound }) => reportBound ?? [])
  .reduce((largest, bound) => bound.bytes > largest.bytes ? bound : largest)

const sizeText = (bytes: number): string =>
  bytes < 2 ** 20 ? `${Math.ceil(bytes / 1_024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`

/** Whether a proxy refused the size of a body. A Muster server that does ends the request itself. */
export const isProxyLimit = (error: ServerError): error is Refused =>
  error._tag === "Refused" && error.status === 413 && !error.isFromServer

/** Returns what to report instead of a result whose size a proxy refused. Undefined: it was a failure already. */
export const failureFor = (report: Report): Report | undefined => {
  if (report.outcome._tag === "Failed") return undefined
  const size = sizeText(Buffer.byteLength(JSON.stringify(ReportBody.write(report.outcome))))
  const error = `a proxy in front of the server refused the answer of ${size} (HTTP 413): ` +
    `raise its limit for bodies to ${neededLimit.text} (client_max_body_size of nginx)`
  return { ...report, outcome: { _tag: "Failed", error } }
}

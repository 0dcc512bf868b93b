// The peer: a bare node:http server that reads the body, parses it and sends the same bytes as for an idle beat.
import { createServer } from "node:http"
import { reportCpu } from "../load/reportCpu.ts"

reportCpu()

const answer = "{\"status\":\"ok\"}\n"

const server = createServer((request, response) => {
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    JSON.parse(Buffer.concat(chunks).toString())
    response.writeHead(200, { "content-type": "application/json", "content-length": answer.length })
    response.end(answer)
  })
})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  process.send?.({ port: typeof address === "object" && address !== null ? address.port : 0 })
})

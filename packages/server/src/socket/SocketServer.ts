import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { DaemonSocket } from "@muster/domain"
import { serverStop } from "@muster/kit"
import { Effect, Layer } from "effect"
import { Pings } from "./Pings.ts"

type Listener = typeof NodeHttpServer.layerServer
type Options = Parameters<Listener>[1]

/** An HTTP server whose sockets are bounded and pinged. Fails with `ServeError` if it cannot listen. */
export const layerSocketServer = (create: Parameters<Listener>[0], options: Options) =>
  Layer.unwrap(Effect.map(Pings, (pings) =>
    NodeHttpServer.layerServer(create, {
      ...options,
      gracefulShutdownTimeout: serverStop.finish,
      websocket: { maxPayload: DaemonSocket.maxFrameFromDaemon, perMessageDeflate: false, ...pings.options }
    })))

import { requestHistorySuite, requestModelSuite, requestStoreSuite } from "@muster/store-suite"
import { redisBackend } from "./Backend.ts"
import { quickRequestsOn, requestsOn } from "./Requests.ts"

const backend = redisBackend("Redis")

requestStoreSuite(requestsOn(backend))
requestModelSuite(quickRequestsOn(backend))
requestHistorySuite(quickRequestsOn(backend))

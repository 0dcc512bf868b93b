// Run once by the installation: makes the empty database that first starts unpack.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import { makeTemplate } from "./Template.ts"

NodeRuntime.runMain(Effect.provide(makeTemplate, NodeServices.layer))

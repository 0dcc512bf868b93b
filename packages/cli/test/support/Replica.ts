import { Effect, Schema } from "effect"
import { readFile } from "node:fs/promises"
import { spawnMuster } from "./Spawned.ts"

const Started = Schema.Struct({ url: Schema.String, environment: Schema.String, token_file: Schema.String })

/** Fails the test with the answer if it differs from the expected one. */
const read = <A, I>(schema: Schema.Codec<A, I>, answer: unknown) =>
  Schema.decodeUnknownEffect(schema)(answer).pipe(
    Effect.catch((cause) => Effect.die(new Error(`unexpected: ${JSON.stringify(answer)}`, { cause })))
  )

/**
 * A whole server in a process of its own, in this environment; `name` is the name of its data folder, in HOME. On a free port
 * by default.
 */
export const startReplica = Effect.fnUntraced(
  function*(env: Readonly<Record<string, string>> & { readonly HOME: string }, name: string, port = 0) {
    const args = ["server", "--port", `${port}`, "--host", "127.0.0.1", "--data", `${env.HOME}/${name}`, "--json"]
    const { awaitOut, outcome, process } = yield* spawnMuster(args, env)
    const [document] = yield* awaitOut(/^\{[\s\S]*\n\}$/m)
    const { environment, token_file, url } = yield* read(Schema.fromJsonString(Started), document)
    const token = yield* Effect.promise(() => readFile(token_file, "utf8"))
    return { url, environment, token: token.trim(), process, outcome }
  }
)

/** Calls of one person or daemon, each answered with JSON of this schema. */
export const calls = (token: string, workspace?: string) =>
<A>(
  schema: Schema.Codec<A, unknown>,
  method: string,
  url: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {}
) =>
  Effect.tryPromise(() =>
    fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        ...headers,
        ...(workspace === undefined ? {} : { "x-workspace-id": workspace })
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    }).then((response) => response.json() as Promise<unknown>)
  ).pipe(Effect.flatMap((answer) => read(schema, answer)))

import { Quantity, ToolCall } from "@muster/domain"
import { Predicate } from "effect"
import { useNow } from "../ui/Clock.ts"
import { displayLine, displayText } from "./displayText.ts"
import { Folded } from "./Folded.tsx"
import type { CallBlock, Output } from "./Transcript.ts"

const textOf = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value, null, 2)

/** The input of a call: of an object each field with its text, so that line breaks stay; else as JSON. */
const Input = ({ input }: { readonly input: NonNullable<CallBlock["call"]["input"]> }) => {
  const fields = Predicate.isObject(input) && !Array.isArray(input) ? Object.entries(input) : []
  if (fields.length === 0) return <pre tabIndex={0}>{displayText(textOf(input))}</pre>
  return (
    <dl className="call-fields">
      {fields.map(([name, value]) => (
        <div key={name}>
          <dt>{displayLine(name)}</dt>
          <dd>
            <pre tabIndex={0}>{displayText(textOf(value))}</pre>
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** A part of an output. Its key is its place, since parts do not move. */
const partOf = (part: Output, place: number) =>
  "text" in part
    ? <span key={place}>{displayText(part.text)}</span>
    : (
      <i key={place} className="muted">
        {`\n… ${Quantity.compact(part.missing)} bytes of output are not kept …\n`}
      </i>
    )

const OutputText = ({ output }: { readonly output: ReadonlyArray<Output> }) => (
  <pre tabIndex={0} aria-label="Output" role="group">{output.map(partOf)}</pre>
)

const Running = ({ since }: { readonly since: number }) => <>{Quantity.duration(useNow() - since)}</>

const states = {
  running: { mark: "", text: "runs" },
  completed: { mark: "✓", text: "completed" },
  failed: { mark: "✗", text: "failed" },
  lost: { mark: "?", text: "its end was not reported" }
} as const

const stateOf = ({ call, isLost }: CallBlock): keyof typeof states =>
  call.status === "completed" || call.status === "failed" ? call.status : isLost ? "lost" : "running"

/** A call of a tool as one line with its outcome. It opens to its input and output. */
export const CallRow = (block: CallBlock) => {
  const { call, output } = block
  const state = stateOf(block)
  const { mark, text } = states[state]
  return (
    <Folded
      className="call"
      summary={
        <>
          <span className="call-mark" data-state={state} aria-hidden="true">{mark}</span>
          <span className="hidden">{text}:</span>
          <span className="call-title">{displayLine(call.title)}</span>
          <span className="muted small call-time">
            {state === "running"
              ? <Running since={call.since} />
              : state === "lost"
              ? "no end reported"
              : Quantity.duration((call.endedAt ?? call.since) - call.since)}
          </span>
        </>
      }
    >
      {() => (
        <div className="call-inside">
          {call.input === undefined || call.input === null ? null : (
            <section aria-label="Input">
              <h3>Input</h3>
              <Input input={call.input} />
            </section>
          )}
          <section aria-label="Output">
            <h3>Output</h3>
            {output.length === 0
              ? <p className="muted">{ToolCall.isOver(call) ? "No output was reported." : "There is none yet."}</p>
              : <OutputText output={output} />}
          </section>
        </div>
      )}
    </Folded>
  )
}

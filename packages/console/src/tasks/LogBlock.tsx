import { Quantity, Runtime, ToolCall } from "@muster/domain"
import { memo, type ReactNode } from "react"
import { fullTime } from "../ui/Ago.tsx"
import { CallRow } from "./CallRow.tsx"
import { displayLine, displayText } from "./displayText.ts"
import { Folded } from "./Folded.tsx"
import type { Block } from "./Transcript.ts"

type Of<Kind extends Block["content"]["kind"]> = Extract<Block["content"], { readonly kind: Kind }>

/** The words of a stop that a person can act on; others are shown as the agent reports them. */
const stops: Readonly<Record<string, string>> = {
  cancelled: "canceled",
  max_tokens: "the model’s limit of tokens",
  max_turns: "the limit of turns",
  refusal: "the agent refused"
}

const number = new Intl.NumberFormat()

const Attempt = ({ content: { folder, model, number: attempt, provider, resumed, version } }: {
  readonly content: Of<"attempt">
}) => (
  <p className="log-attempt">
    <b>Attempt {attempt}</b>
    <span>
      {Runtime.providerName(provider)} {displayLine(version)}
      {model === null ? null : (
        <>
          {" · "}
          <code>{displayLine(model)}</code>
        </>
      )}
      {folder === null ? null : (
        <>
          {" · in "}
          <code>{displayLine(folder)}</code>
        </>
      )}
      {resumed ? " · goes on with its session" : null}
    </span>
  </p>
)

const Plan = ({ content: { entries } }: { readonly content: Of<"plan"> }) => {
  const done = entries.filter(({ status }) => status === "completed").length
  const now = entries.find(({ status }) => status === "in_progress")
  return (
    <Folded
      className="log-plan"
      summary={
        <span className="log-words">
          Plan: {done} of {entries.length} done
          {now === undefined ? null : <span className="muted">: {displayLine(now.text)}</span>}
        </span>
      }
    >
      {() => (
        <ol className="log-steps">
          {entries.map(({ status, text }, i) => (
            // The entries of one event do not move.
            <li key={i} data-done={status === "completed"}>
              <span aria-hidden="true">{status === "completed" ? "✓" : "·"}</span>
              <span>
                {displayLine(text)}
                <span className="hidden">, {status.replace("_", " ")}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Folded>
  )
}

const Note = ({ children, kind, tone = "" }: {
  readonly kind: string
  readonly tone?: string
  readonly children: ReactNode
}) => (
  <p className={`log-note ${tone}`}>
    <b>{kind}</b>
    <span>{children}</span>
  </p>
)

const contentOf = (content: Block["content"]): ReactNode => {
  switch (content.kind) {
    case "text":
      return <div className="log-text">{displayText(content.text)}</div>
    case "thought":
      return (
        <div className="log-text log-thought">
          <span className="hidden">Thought:</span>
          {displayText(content.text)}
        </div>
      )
    case "tool":
      return <CallRow {...content} />
    case "plan":
      return <Plan content={content} />
    case "attempt":
      return <Attempt content={content} />
    case "permission":
      return content.answer === "allowed"
        ? <Note kind="Allowed">{displayLine(content.title)}</Note>
        : <Note kind="Rejected by the policy" tone="warn">{displayLine(content.title)}</Note>
    case "notice":
      return <Note kind="Note">{displayLine(content.text)}</Note>
    case "error":
      return <Note kind="Error" tone="bad">{displayText(content.text)}</Note>
    case "stop":
      return <Note kind="Turn ended">{stops[content.reason] ?? displayLine(content.reason)}</Note>
    case "missing":
      return <p className="log-gap">{Quantity.compact(content.bytes)} bytes of output are not kept</p>
    case "lost":
      return (
        <p className="log-gap">
          {content.entries === 1 ? "1 entry is" : `${number.format(content.entries)} entries are`} no longer kept
        </p>
      )
  }
}

/** One block of a log. Everything that an agent or a tool wrote is shown as text. */
export const LogBlock = memo(({ block: { at, content } }: { readonly block: Block }) => (
  <li
    className="log-block"
    data-kind={content.kind}
    data-open={content.kind === "tool" && !ToolCall.isOver(content.call) && !content.isLost}
    title={at === 0 ? undefined : fullTime(at)}
  >
    {contentOf(content)}
  </li>
))

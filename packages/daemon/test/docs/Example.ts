import { columns, printedList } from "../../src/provider/PrintedList.ts"
import { type Provider, seen, skillsBelow } from "../../src/provider/Provider.ts"

export const example: Provider = {
  key: "example",
  command: "example",
  evidence: seen("1.0.0", "its models"),
  skills: skillsBelow(".example"),
  listModels: (cli) =>
    printedList({ provider: "example", cli, args: ["models"] }, (line) => {
      const [id = "", label] = columns(line)
      return id === "" ? undefined : { id, ...(label === undefined ? {} : { label }) }
    })
}

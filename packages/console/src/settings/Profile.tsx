import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { me } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { Button } from "../ui/Button.tsx"
import { FormDialog } from "../ui/FormDialog.tsx"
import { say } from "../ui/Toast.tsx"

const EditProfile = ({ close, person }: {
  readonly person: { readonly name: string; readonly email: string }
  readonly close: () => void
}) => {
  const queries = useQueryClient()
  const [name, setName] = useState(person.name)
  const [email, setEmail] = useState(person.email)
  return (
    <FormDialog
      title="Edit your profile"
      action="Save"
      close={close}
      disabled={name.trim() === "" || email.trim() === ""}
      submit={async () => {
        await run(clientOf().profile.edit({ payload: { name: name.trim(), email: email.trim() } }))
        await queries.invalidateQueries()
        say("Your profile was saved.")
      }}
    >
      <label className="field">
        <span>Name</span>
        <input value={name} maxLength={256} onChange={({ target }) => setName(target.value)} data-autofocus />
      </label>
      <label className="field">
        <span>E-mail</span>
        <input type="email" value={email} maxLength={254} onChange={({ target }) => setEmail(target.value)} />
      </label>
    </FormDialog>
  )
}

/** The signed-in person's name and e-mail. */
export const Profile = () => {
  const { data: person } = useQuery(me)
  const [isEditing, setEditing] = useState(false)
  if (person === undefined) return null
  return (
    <section className="card" aria-label="Profile">
      <header>
        <h2>Profile</h2>
        <Button onClick={() => setEditing(true)}>Edit …</Button>
      </header>
      <p>
        <b>{person.name}</b> <span className="muted">{person.email}</span>
      </p>
      {isEditing ? <EditProfile person={person} close={() => setEditing(false)} /> : null}
    </section>
  )
}

/**
 * The anchor of a heading, as GitHub makes it, so that a link works in the repository and on the site: lower case, without
 * punctuation, with a hyphen for each space.
 */
export const slug = (heading: string): string =>
  heading.trim().toLowerCase().replaceAll(/[^\p{Letter}\p{Mark}\p{Number}\p{Connector_Punctuation} -]/gu, "")
    .replaceAll(" ", "-")

// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]+/g

/**
 * Text from elsewhere as one line that a terminal shows and nothing more: no escape sequences, no line breaks. Names and
 * errors come from other people's machines.
 */
export const printable = (text: string): string => text.replaceAll(controls, " ").trim()

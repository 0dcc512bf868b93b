import { consoleFolder as folder } from "@muster/console"

/** The folder of the console that this package contains; `npm run build` and `npm start` fill it in a checkout. */
export const consoleFolder: string = folder

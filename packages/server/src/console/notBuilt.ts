/** The page at `/` until the console is built. It reloads each second, without a script. */
export const notBuilt = new TextEncoder().encode(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="1">
<title>Muster</title>
<p>The console is being built; this takes a few seconds. The page reloads automatically.</p>
<p>If it stays like this, run <code>npm run build</code> in Muster's folder and read its output.</p>
</html>
`)

/** What stands at `/` until the console is built: looks again each second, without a script. */
export const notBuilt = new TextEncoder().encode(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="1">
<title>Muster</title>
<p>The console is being built; this takes a few seconds. The page looks again by itself.</p>
<p>If it stays like this, run <code>npm run build</code> in Muster's folder and read what it says.</p>
</html>
`)

import { useProxy } from '../src/proxy.ts'

// `proxy-worker.ts <url>`: says what it fetches from there.

useProxy(process.env)
process.stdout.write(await (await fetch(process.argv[2] ?? '')).text())

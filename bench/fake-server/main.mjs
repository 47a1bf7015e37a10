import { startServer } from './server.mjs'

// A process of its own, so that its work is not counted as a contestant's. Says its address in one line, and ends with its parent.

const { url } = await startServer()
process.stdout.write(`${url}\n`)
process.stdin.on('close', () => process.exit()).resume()

// A server that does what its scenario says: a JSON object in its first argument, or in the file that it names.
import { appendFileSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const given = process.argv[2] ?? '{}'
const scenario = () => JSON.parse(given.startsWith('{') ? given : readFileSync(given, 'utf8'))
const first = scenario()
if (first.log) appendFileSync(first.log, `start ${process.pid}\n`)
if (first.greeting) console.log(first.greeting)
if (first.ignoresEnd) {
  process.on('SIGTERM', () => {})
  setInterval(() => {}, 1000)
}
if (first.complaint) {
  console.error(first.complaint)
  process.exit(3)
}

const send = (message) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const answers = new Map()
let asked = 0

/** Asks the client, and resolves to its answer. */
function ask(method, params = {}) {
  const id = `from-server-${++asked}`
  return new Promise((resolve) => {
    answers.set(id, resolve)
    send({ id, method, params })
  })
}

const tool = (each) => ({
  inputSchema: { type: 'object', properties: {} },
  description: each.name,
  ...each,
})

const methods = {
  initialize: ({ params }) => ({
    protocolVersion: first.protocol ?? params.protocolVersion,
    capabilities: { tools: { listChanged: true }, ...(first.prompts && { prompts: {} }) },
    serverInfo: { name: 'scenario', version: '1' },
    ...(first.instructions && { instructions: first.instructions }),
  }),
  ping: () => ({}),
  'tools/list'() {
    const { tools = [], toolCount = 0 } = scenario()
    const many = Array.from({ length: toolCount }, (_, index) => ({ name: `tool_${index}` }))
    return { tools: [...tools, ...many].map(tool) }
  },
  'prompts/list': () => ({ prompts: scenario().prompts ?? [] }),
  'prompts/get': ({ params }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: JSON.stringify(params) } }],
  }),
  async 'tools/call'({ params }) {
    const { name, arguments: args } = params
    if (first.log) appendFileSync(first.log, `call ${name}\n`)
    const text = (value) => ({ content: [{ type: 'text', text: value }] })
    const behaviour = (scenario().tools ?? []).find((each) => each.name === name)?.does ?? 'echo'
    switch (behaviour) {
      case 'echo':
        return text(JSON.stringify(args ?? null))
      case 'environment':
        return text(JSON.stringify(process.env))
      case 'die':
        process.exit(9)
        break
      case 'malformed':
        process.stdout.write('{"jsonrpc":"2.0",\n')
        return undefined
      case 'hang':
        return undefined
      case 'big':
        return text('x'.repeat(scenario().resultBytes))
      case 'roots':
        return text(JSON.stringify(await ask('roots/list')))
      case 'elicit':
        return text(JSON.stringify(await ask('elicitation/create', scenario().elicit)))
      case 'changed':
        send({ method: 'notifications/tools/list_changed' })
        return text('changed')
      default:
        return { content: [], isError: true }
    }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line)
  if (message.method === undefined) {
    answers.get(message.id)?.(message.result ?? message.error)
    continue
  }
  if (message.method === 'notifications/cancelled' && first.log)
    appendFileSync(first.log, 'cancelled\n')
  if (message.id === undefined) continue
  const method = methods[message.method]
  if (!method) {
    send({ id: message.id, error: { code: -32601, message: 'Method not found' } })
    continue
  }
  void Promise.resolve(method(message)).then((result) => {
    if (result) send({ id: message.id, result })
  })
}

#!/usr/bin/env node
// Stands in for systemctl, journalctl, loginctl, launchctl: keeps real state below SERVICES, reads the real files, and starts what they
// name, once, to its end.
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const program = path.basename(process.argv[1])
const args = process.argv.slice(2)
const folder = process.env.SERVICES
mkdirSync(folder, { recursive: true })
appendFileSync(path.join(folder, 'calls.txt'), `${[program, ...args].join(' ')}\n`)
const file = (kind, name) => path.join(folder, `${name}.${kind}`)

function start(name, command, cwd, log) {
  writeFileSync(file('active', name), '')
  // As a service: with no variable of the person, but the folder and what the test needs to be reached.
  const { HOME, GH_LOOPBACK } = process.env
  const output = execFileSync(command, [], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME, GH_LOOPBACK },
  })
  appendFileSync(log, output)
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

function systemctl() {
  const [scope, verb, ...rest] = args
  if (scope !== '--user') fail('not the services of the person')
  const name = rest.findLast((word) => !word.startsWith('--'))
  const definition = path.join(process.env.HOME, '.config/systemd/user', name ?? '')
  const value = (key) =>
    new RegExp(`^${key}="?(.*?)"?$`, 'm').exec(readFileSync(definition, 'utf8'))[1]
  if (verb === 'daemon-reload') return
  if (verb === 'is-active') process.exit(existsSync(file('active', name)) ? 0 : 3)
  if (!existsSync(definition)) fail(`Unit ${name} could not be found.`)
  if (verb === 'enable') writeFileSync(file('enabled', name), '')
  else if (verb === 'disable')
    for (const kind of ['enabled', 'active']) rmSync(file(kind, name), { force: true })
  else if (verb === 'restart')
    start(name, value('ExecStart'), value('WorkingDirectory'), file('journal', name))
  else fail(`unknown verb ${verb}`)
}

function launchctl() {
  const [verb, domain, definition] = args
  if (verb === 'bootstrap') {
    const text = readFileSync(definition, 'utf8')
    const strings = [...text.matchAll(/<string>(.*?)<\/string>/g)].map(([, value]) => value)
    const [name, command, cwd, , log] = strings
    if (existsSync(file('active', name))) fail('Bootstrap failed: 5: Input/output error')
    return start(name, command, cwd, log)
  }
  const name = domain.split('/').at(-1)
  if (!existsSync(file('active', name))) fail('Could not find service')
  if (verb === 'bootout') rmSync(file('active', name))
}

function journalctl() {
  const unit = args.find((word) => word.startsWith('--unit=')).slice('--unit='.length)
  const count = Number(args.find((word) => word.startsWith('--lines=')).slice('--lines='.length))
  const journal = file('journal', unit)
  const text = existsSync(journal) ? readFileSync(journal, 'utf8') : ''
  process.stdout.write(
    text
      .split('\n')
      .filter(Boolean)
      .slice(-count)
      .map((line) => `${line}\n`)
      .join(''),
  )
  if (!args.includes('--follow')) return
  writeFileSync(path.join(folder, 'follower.pid'), String(process.pid))
  process.stdout.write('following\n')
  setInterval(() => {}, 1000)
}

const programs = { systemctl, launchctl, journalctl, loginctl() {} }
programs[program]()

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { die, failure, planOf, Saboteur, type Fault, type SeenRecord } from './fault.ts'

// Loaded into a program before its own code (`node --import`): what it writes to the log of a session fails or kills it, as the plan of
// its environment says. The program itself is not changed.

const plan = planOf(process.env)
if (plan) sabotage(new Saboteur(plan))

function sabotage(saboteur: Saboteur): void {
  const { writeSync } = fs
  const write = (fd: number, bytes: Uint8Array, offset = 0): number => {
    const records = recordsIn(bytes, offset)
    const fault = records.length ? saboteur.faultOf(records) : undefined
    if (fault) before(fault, () => writeSync(fd, bytes, offset, half(bytes, offset)))
    const written = writeSync(fd, bytes, offset)
    saboteur.acknowledge(records)
    if (fault) after(fault)
    return written
  }
  Object.assign(fs, {
    writeSync: (...args: Parameters<typeof writeSync>) =>
      isBytes(args[1]) && args.length <= 3
        ? write(args[0], args[1], args[2] ?? 0)
        : Reflect.apply(writeSync, fs, args),
  })
  const code = saboteur.codeAtOpen
  if (code !== undefined) failOpening(code)
  syncBuiltinESMExports()
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array
}

function failOpening(code: NonNullable<Fault['error']>): void {
  const { open } = fs.promises
  fs.promises.open = async (path, ...rest) => {
    if (String(path).endsWith('.jsonl')) throw failure(code)
    return open(path, ...rest)
  }
}

function before({ at, error }: Fault, writePart: () => void): void {
  if (at === 'torn') writePart()
  if (error !== undefined) throw failure(error)
  if (at === 'before' || at === 'torn') die()
}

function after({ at, delayMs = 0 }: Fault): void {
  if (at === 'after') die()
  if (at === 'later') setTimeout(die, delayMs)
}

function half(bytes: Uint8Array, offset: number): number {
  return Math.ceil((bytes.length - offset) / 2)
}

function recordsIn(bytes: Uint8Array, offset: number): SeenRecord[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'utf8',
    offset,
  )
  if (!text.startsWith('{"seq":')) return []
  const lines = text.matchAll(/^\{"seq":(\d+),"time":\d+,"type":"(\w+)"/gm)
  return [...lines].map(([, seq, type = '']) => ({ seq: Number(seq), type }))
}

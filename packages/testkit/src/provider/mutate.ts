import type { Random } from './random.ts'

/** A body that is nearly an answer: one to three things about it are wrong. */
export function mutated(body: string, random: Random): Uint8Array {
  let bytes: Uint8Array = new TextEncoder().encode(body)
  for (let count = 1 + random.below(3); count > 0; count--)
    bytes = random.pick(changes)(bytes, random)
  return bytes
}

/** The bytes in chunks, sometimes as one, sometimes in very small ones. */
export function chunked(bytes: Uint8Array, random: Random): Uint8Array[] {
  const size = random.pick([bytes.length, bytes.length, 1000, 100, 17])
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
  return chunks
}

type Change = (bytes: Uint8Array, random: Random) => Uint8Array

const changes: readonly [Change, ...Change[]] = [
  flipByte,
  cutEnd,
  removeRange,
  repeatRange,
  moveRange,
  insertNoise,
  removeLine,
  repeatLine,
  swapLines,
  changeValue,
  changeValue,
  changeValue,
]

function flipByte(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice()
  if (copy.length > 0) copy[random.below(copy.length)] = random.below(256)
  return copy
}

function cutEnd(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.subarray(0, random.below(bytes.length + 1))
}

function rangeIn(bytes: Uint8Array, random: Random): readonly [number, number] {
  const from = random.below(bytes.length + 1)
  return [from, Math.min(bytes.length, from + random.below(200))]
}

function removeRange(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = rangeIn(bytes, random)
  return joined(bytes.subarray(0, from), bytes.subarray(to))
}

function repeatRange(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = rangeIn(bytes, random)
  return joined(bytes.subarray(0, to), bytes.subarray(from))
}

function moveRange(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = rangeIn(bytes, random)
  const rest = joined(bytes.subarray(0, from), bytes.subarray(to))
  const at = random.below(rest.length + 1)
  return joined(rest.subarray(0, at), bytes.subarray(from, to), rest.subarray(at))
}

function insertNoise(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1)
  const noise = Uint8Array.from({ length: 1 + random.below(20) }, () => random.below(256))
  return joined(bytes.subarray(0, at), noise, bytes.subarray(at))
}

function removeLine(bytes: Uint8Array, random: Random): Uint8Array {
  return withLines(bytes, (lines) => lines.splice(random.below(lines.length), 1))
}

function repeatLine(bytes: Uint8Array, random: Random): Uint8Array {
  return withLines(bytes, (lines) => {
    const at = random.below(lines.length)
    lines.splice(at, 0, lines[at] ?? '')
  })
}

function swapLines(bytes: Uint8Array, random: Random): Uint8Array {
  return withLines(bytes, (lines) => {
    const [line = ''] = lines.splice(random.below(lines.length), 1)
    lines.splice(random.below(lines.length + 1), 0, line)
  })
}

/** The JSON stays JSON, and says something that nobody expects. */
function changeValue(bytes: Uint8Array, random: Random): Uint8Array {
  const text = new TextDecoder().decode(bytes)
  const values = [
    ...text.matchAll(/(?<=":)\s*("(?:[^"\\]|\\.)*"|-?\d[\d.]*|true|false|null|\{\}|\[\])/g),
  ]
  const value = values[random.below(values.length)]
  if (!value) return bytes
  const other = random.pick(strangeValues)
  return new TextEncoder().encode(
    text.slice(0, value.index) + other + text.slice(value.index + value[0].length),
  )
}

const strangeValues: readonly [string, ...string[]] = [
  'null',
  '0',
  '-1',
  '1e308',
  '""',
  '"__proto__"',
  '"\\ud800"',
  '[]',
  '[null]',
  '{}',
  '{"__proto__":1}',
  'true',
  '"data: x"',
]

function withLines(bytes: Uint8Array, change: (lines: string[]) => void): Uint8Array {
  const lines = new TextDecoder().decode(bytes).split('\n')
  change(lines)
  return new TextEncoder().encode(lines.join('\n'))
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

#!/usr/bin/env node
/**
 * Draws docs/demo.svg from a real run of `harnext demo`: what the terminal would show, as text in its colours. Run it when the demo's
 * screen changes: `node scripts/demo-picture.mjs`.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const width = 132
const characterWidth = 7.83
const lineHeight = 17
const colors = new Map([
  [31, '#ff7b72'],
  [32, '#7ee787'],
  [33, '#e3b341'],
  [34, '#79c0ff'],
  [35, '#d2a8ff'],
  [36, '#56d4dd'],
  [90, '#8b949e'],
])

/** @typedef {{ text: string, color: string, bold: boolean }} Span */

/** A line with SGR codes as spans of one style each; a style does not last beyond its line. */
export function spansOf(/** @type {string} */ line) {
  /** @type {Span[]} */
  const spans = []
  let color = '#e6edf3'
  let bold = false
  for (const piece of line.split(/(\u001B\[[0-9;]*m)/)) {
    const codes = /^\u001B\[([0-9;]*)m$/.exec(piece)?.[1]
    if (codes === undefined) {
      if (piece) spans.push({ text: piece, color, bold })
      continue
    }
    for (const code of codes.split(';').map(Number)) {
      if (code === 0) [color, bold] = ['#e6edf3', false]
      else if (code === 1) bold = true
      else if (code === 2) color = '#8b949e'
      else if (code === 22) bold = false
      else if (code === 39) color = '#e6edf3'
      else color = colors.get(code) ?? color
    }
  }
  return spans
}

/** Breaks a line as a terminal of `width` columns does. */
export function wrap(/** @type {Span[]} */ spans, columns = width) {
  /** @type {Span[][]} */
  const lines = [[]]
  let used = 0
  for (const span of spans) {
    for (let rest = span.text; rest;) {
      if (used === columns) {
        lines.push([])
        used = 0
      }
      const text = rest.slice(0, columns - used)
      lines.at(-1)?.push({ ...span, text })
      used += text.length
      rest = rest.slice(text.length)
    }
  }
  return lines
}

export function svgOf(/** @type {string} */ screen) {
  const lines = screen
    .trimEnd()
    .split('\n')
    .flatMap((line) => wrap(spansOf(line)))
  const rows = lines.map((spans, row) => {
    const content = spans
      .map(
        ({ text, color, bold }) =>
          `<tspan fill="${color}"${bold ? ' font-weight="bold"' : ''}>${escape(text)}</tspan>`,
      )
      .join('')
    return `<text x="16" y="${32 + row * lineHeight}">${content}</text>`
  })
  const size = `width="${Math.ceil(width * characterWidth + 32)}" height="${lines.length * lineHeight + 40}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" xml:space="preserve">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.join('\n')}
</svg>
`
}

function escape(/** @type {string} */ text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const home = mkdtempSync(path.join(tmpdir(), 'harnext-picture-'))
  try {
    const screen = execFileSync(
      process.execPath,
      [path.join(root, 'apps/cli/bin/harnext.cjs'), 'demo'],
      {
        encoding: 'utf8',
        env: {
          ...process.env,
          FORCE_COLOR: '1',
          NO_COLOR: undefined,
          HARNEXT_HOME: home,
          HARNEXT_COMMAND: 'npm start --',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    writeFileSync(path.join(root, 'docs/demo.svg'), svgOf(`$ npm start\n\n${screen}`))
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

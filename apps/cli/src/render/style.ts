import type { Output } from '../io.ts'
import { visible } from './visible.ts'

/** Each makes its text harmless and, where colour is on, coloured. What is shown is made of nothing else. */
export interface Style {
  plain(text: string): string
  dim(text: string): string
  bold(text: string): string
  red(text: string): string
  yellow(text: string): string
}

export function styleFor(
  output: Output,
  env: { readonly [name: string]: string | undefined },
): Style {
  const paint = isColoured(output, env)
    ? (on: number, off: number) => (text: string) => `\u001B[${on}m${visible(text)}\u001B[${off}m`
    : () => visible
  return {
    plain: visible,
    dim: paint(2, 22),
    bold: paint(1, 22),
    red: paint(31, 39),
    yellow: paint(33, 39),
  }
}

/** FORCE_COLOR comes before NO_COLOR, as in Node itself; `0` and `false` force it off. */
export function isColoured(
  { isTTY }: Output,
  { FORCE_COLOR, NO_COLOR, TERM }: { readonly [name: string]: string | undefined },
): boolean {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  if (NO_COLOR) return false
  return isTTY === true && TERM !== 'dumb'
}

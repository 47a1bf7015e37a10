import { harmless, hostile } from './lines-of-a-day.ts'
import { longLines } from './long-lines.ts'

const lines = [...harmless, ...hostile, ...longLines]

/** What means something to a shell, alone and in pairs, and what only looks like something that does. */
const marks =
  '\' " ` $ ( ) { } [ ] < > | & ; \\ # ! * ? ~ = + - @ % ^ , . / : a 0 9 $( ${ $(( )) (( <( >( && || ;; ;& |& &> >> << <<< >& <& <> >| [[ ]] $\' $" \\\\ \\\' \\" {} {a,b} {1..3} $X ${X} $@ $# $? $$ $! 2> 2>&1 >out <a <<EOF EOF if then else elif fi for in do done while until case esac function select time coproc ! () f() x=1 x= x+=1 x[0]=1 -a --b=c ls'.split(
    ' ',
  )
const blanks = [
  ' ',
  '  ',
  '\t',
  '\n',
  ' \n',
  '\\\n',
  ' \\\n ',
  '\r',
  '\r\n',
  '\v',
  '\f',
  '\0',
  '\b',
  '\u001b',
]
const strange = [
  '\u00a0',
  '\u2003',
  '\u3000',
  '\u200b',
  '\u202e',
  '\ufeff',
  '\u2028',
  '\u0085',
  'é',
  '漢',
  '😀',
  'e\u0301',
  '＆',
  '；',
  '\ud800',
]

/** A line of every day, or two of them, in which something was put in, left out, doubled, moved or put around. */
export function mutatedLine(random: () => number): string {
  const below = (end: number): number => Math.floor(random() * end)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T
  const mark = (): string => {
    const kind = random()
    if (kind < 0.6) return pick(marks)
    return kind < 0.75 ? ` ${pick(marks)} ` : kind < 0.92 ? pick(blanks) : pick(strange)
  }
  let line = pick(lines)
  if (random() < 0.15) line += pick([' && ', ' | ', '; ', '\n', ' || ', ' & ']) + pick(lines)
  for (let count = 1 + below(4); count > 0; count--) {
    const at = below(line.length + 1)
    const to = at + below(Math.min(12, line.length - at) + 1)
    const [start, piece, end] = [line.slice(0, at), line.slice(at, to), line.slice(to)]
    const kind = random()
    if (kind < 0.45) line = start + mark() + piece + end
    else if (kind < 0.6) line = start + piece.slice(1) + end
    else if (kind < 0.7) line = start + end
    else if (kind < 0.78) line = start + piece + piece + end
    else if (kind < 0.86) line = start + mark() + piece + mark() + end
    else if (kind < 0.92) line = start + mark() + piece.slice(1) + end
    else line = end.slice(0, 12) + start + piece + end.slice(12)
  }
  return line
}

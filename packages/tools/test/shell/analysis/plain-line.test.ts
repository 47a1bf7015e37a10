import { describe, expect, test } from 'vitest'
import { readPlainly } from '../../../src/shell/analysis/plain/plain-line.ts'
import { harmless } from './lines-of-a-day.ts'
import { longLines } from './long-lines.ts'

describe('the second reading', () => {
  test.each([
    ['', []],
    ['ls -la "a b" \'c d\' e\\ f', ['ls', '-la', '"a b"', "'c d'", 'e\\ f']],
    ['A=1 B="x y" ls', ['A=1', 'B="x y"', 'ls']],
    ['cat a 2>/dev/null >&2 | wc', ['cat', 'a', '/dev/null', '2', 'wc']],
    ['echo "$(ls a)" `pwd`', ['echo', '"$(ls a)"', 'ls', 'a', '`pwd`', 'pwd']],
    ['for f in *.ts; do cat "$f"; done < x', ['*.ts', 'cat', '"$f"', 'x']],
    ['if [ -f a ]; then ls; fi', ['[', '-f', 'a', ']', 'ls']],
    ['[[ "$a" == b* && -f c ]]', ['"$a"', 'b*', 'c']],
    ['case "$a" in b|c) ls ;; esac', ['"$a"', 'b', 'c', 'ls']],
    ["cat > a <<'EOF' && ls\n$(b) `c`\nEOF", ['cat', 'a', 'ls']],
    ['# said\nls \\\n  -l # and done', ['ls', '-l']],
  ])('finds the words of %j', (line, words) => {
    const reading = readPlainly(line)
    expect('words' in reading && reading.words.toSorted()).toEqual(words.toSorted())
  })

  test.each([
    ['ls (a)', 3],
    ['ls "a', 5],
    ['{ ls }', 5],
    ['ls $', 3],
    ['ls; ; ls', 4],
    ['ls a>', 4],
    ['if ls; fi', 7],
    ['a=(b)', 2],
    ['cat <<EOF\nEOFa\nEOF', 15],
  ])('gets stuck in %j', (line, stuckAt) => {
    expect(readPlainly(line)).toEqual({ stuckAt })
  })

  test('knows the forms of every day', () => {
    const stuck = [...harmless, ...longLines].filter((line) => 'stuckAt' in readPlainly(line))
    // An empty value, commands in a text, a dash before a text: these are asked about.
    expect(stuck.map((line) => line.slice(0, 14))).toEqual([
      'cat <<EOF > a.',
      'while IFS= rea',
      "python3 - <<'E",
    ])
  })
})

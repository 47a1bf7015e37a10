/** Numbers from 0 up to 1, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const programs =
  'ls cat echo grep head tail wc sort uniq find sed awk jq mkdir touch cp mv rm tee git npm curl sh bash eval env xargs timeout sudo cd test true printf diff stat rg cut tr node python3 command export local read exec trap'.split(
    ' ',
  )
const words =
  'a b.txt src src/a.ts . .. -l -n -r -rf -la --all --color=auto -i -e x "a b" \'c d\' a\\ b $HOME ~ ~/x /tmp/x ../y .env .e* *.ts [ab].txt {a,b} {1..3} 5 -5 -- = + s/a/b/ 1p BEGIN{} . $X "$X" ${X} ${X:-y} ${X%%.*} $(ls) `pwd` "$(echo a)" $((1+2)) $((i+1)) <(cat a) "$f" "x/$f" $\'a\\x41\' é a;b a&b #c !'.split(
    ' ',
  )
const operators = [' && ', ' || ', '; ', ' | ', ' & ', '\n', ' |& ', ';', '|', ' && ! ']
const redirects =
  '> out|>> out|< a|2>&1|&> log|> /dev/null|2>/dev/null|<<< "text"|>| out|<> a|3> x|> "$X"|> ~/.bashrc'.split(
    '|',
  )
const wrappings: readonly ((line: string) => string)[] = [
  (line) => `(${line})`,
  (line) => `{ ${line}; }`,
  (line) => `if true; then ${line}; fi`,
  (line) => `for f in a b; do ${line}; done`,
  (line) => `while false; do ${line}; done`,
  (line) => `case x in x) ${line};; esac`,
  (line) => `f() { ${line}; }`,
  (line) => `echo "$(${line})"`,
  (line) => `sh -c '${line.replaceAll("'", '')}'`,
  (line) => `eval "${line.replaceAll(/["\\]/g, '')}"`,
  (line) => `[[ -n "$(${line})" ]]`,
  (line) => `cat <<EOF\n$(${line})\nEOF`,
  (line) => `cat <<'EOF'\n${line}\nEOF`,
  (line) => `X=1 ${line}`,
  (line) => `time ${line}`,
  (line) => `! ${line}`,
]
const noise = '"\'`$(){}[]<>|&;\\\n\t #*?!~=,a0'

/** A command line as models write them, and now and then one that nobody would write. */
export function commandLine(random: () => number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const command = (): string => {
    const parts = [pick(programs)]
    for (let count = Math.floor(random() * 4); count > 0; count--) parts.push(pick(words))
    if (random() < 0.2) parts.push(pick(redirects))
    return parts.join(' ')
  }
  let line = command()
  while (random() < 0.45) line += pick(operators) + command()
  while (random() < 0.25) line = pick(wrappings)(line)
  while (random() < 0.15) {
    const at = Math.floor(random() * (line.length + 1))
    const cut = random() < 0.3 ? 1 : 0
    line = line.slice(0, at) + pick(Array.from(noise)) + line.slice(at + cut)
  }
  return line
}

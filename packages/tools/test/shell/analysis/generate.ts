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
  'a b.txt src src/a.ts . .. -l -n -r -rf -la --all --color=auto -i -e x "a b" \'c d\' a\\ b $HOME ~ ~/x /tmp/x ../y .env .e* *.ts [ab].txt {a,b} {1..3} 5 -5 -- = + s/a/b/ 1p BEGIN{} . $X "$X" ${X} ${X:-y} ${X%%.*} $(ls) `pwd` "$(echo a)" $((1+2)) $((i+1)) <(cat a) "$f" "x/$f" $\'a\\x41\' é a;b a&b #c ! {} - @ % , ^ : / // \'\' "" a"b"c \'a\'b "a"\'b\' x$X $X/y $X.txt a$X/b "${X}y" "$X$Y" $X$Y "$X"$Y ${X##*/} ${X/a/b} "${X:0:3}" ${X^^} "${a[@]}" ${#X} $1 "$1" "$@" $? "$?" $$ "a$" "a$|b" "$5, 1%" "!x" "a\\"b" "a\\$b" "`pwd`" "$(ls | wc -l)" x$(ls)y $(ls; pwd) $((1 + 2)) \\*.ts \\( \\) \\; \\! a\\;b a=b a= =a --x="a b" --x=\'c\' --x=$X -x= x{a,b}y {a,b}{c,d} **/*.ts a?b [!a]* [a-z] HEAD~1 HEAD^ HEAD@{1} @{u} stash@{0} -I{} a/$X/b $f/x a.$1 a...b a@b user@host:x http://a.b/c?d=e 1.5 +x %s\\n "%s\\n" 1,5p $1,5 >(cat) if done in then esac [ ] [[ ]] "a #b" -1 2 2>&1 a#b a!b'.split(
    ' ',
  )
/** Words that hold blanks, which the list above has as two halves of them. */
const spaced: readonly string[] = [
  '"a b"',
  "'c d'",
  'a\\ b',
  '"$(echo a)"',
  '$((1+2))',
  '$((1 + 2))',
  '<(cat a)',
  '"$5, 1%"',
  '$(ls; pwd)',
  '"$(ls | wc -l)"',
  '--x="a b"',
  '>(cat)',
  '$(ls a | wc)',
  '"a #b"',
  '"a\nb"',
  "'a\nb'",
  '"`ls a`"',
  '`ls a`',
  '"a: $(ls) b: ${X:-c}"',
  "x' 'y",
  '"${X:-a b}"',
  '"$X $Y"',
  '"%s %d\\n"',
  '"$(cat <<\'EOF\'\na\nEOF\n)"',
]
const operators =
  ' && | || |; | | | & |\n| |& |;|&&|&| && ! | && \\\n  | \\\n  && | |\n  |\n\n| # c\n|\n# c\n| | time |;\n'.split(
    '|',
  )
const pipes = [' | ', '|', ' || ', ' |& ', ' | \n', ' \\\n | ']
const redirects =
  '> out§>> out§< a§2>&1§&> log§> /dev/null§2>/dev/null§<<< "text"§>| out§<> a§3> x§> "$X"§> ~/.bashrc§>out§2>&1 > out§> out 2>&1§>&2§< a > b§2> >(cat)§> $X/a§>&-§&>> out§< <(ls)§> out b§<<EOF\na $X\nEOF§<<\'EOF\'\na `b` $(c)\nEOF§<<-EOF\n\ta\n\tEOF§> out <<EOF\na\nEOF§<< EOF\na\nEOF§<< \'EOF\' > out\na $X\nEOF§<<EOF > out\na\nEOF§<<EOF | cat\na\nEOF§<<EOF && ls\na\nEOF'.split(
    '§',
  )
const wrappings: readonly ((line: string) => string)[] = [
  (line) => `(${line})`,
  (line) => `( ${line} )`,
  (line) => `{ ${line}; }`,
  (line) => `{\n${line}\n}`,
  (line) => `if true; then ${line}; fi`,
  (line) => `if ${line}; then ls; elif true; then pwd; else cat a; fi`,
  (line) => `if [ -f a ]\nthen\n  ${line}\nelse\n  ls\nfi`,
  (line) => `for f in a b; do ${line}; done`,
  (line) => `for f in *.ts\ndo\n${line}\ndone`,
  (line) => `while false; do ${line}; done`,
  (line) => `until ${line}; do ls; done < a`,
  (line) => `case x in x) ${line};; esac`,
  (line) => `case "$X" in\n  a|b*) ${line} ;;\n  *)\n    ls\n    ;;\nesac`,
  (line) => `f() { ${line}; }`,
  (line) => `f() {\n  ${line}\n}\nf`,
  (line) => `echo "$(${line})"`,
  (line) => `X=$(${line})`,
  (line) => `X=\`${line}\`; echo $X`,
  (line) => `cat <(${line})`,
  (line) => `sh -c '${line.replaceAll("'", '')}'`,
  (line) => `eval "${line.replaceAll(/["\\]/g, '')}"`,
  (line) => `[[ -n "$(${line})" ]]`,
  (line) => `[[ $X == a* && ! -f b ]] && ${line}`,
  (line) => `[ "$X" = a -o -d b ] || ${line}`,
  (line) => `${line}; [ $? -eq 0 ] && [[ $1 == a ]]`,
  (line) => `cat << 'EOF' > out\n${line}\nEOF`,
  (line) => `cat <<EOF\n$(${line})\nEOF`,
  (line) => `cat <<'EOF'\n${line}\nEOF`,
  (line) => `cat <<'EOF' > out && ls\n${line}\nEOF`,
  (line) => `X=1 ${line}`,
  (line) => `X="a b"; ${line}`,
  (line) => `export X=1 Y; ${line}`,
  (line) => `time ${line}`,
  (line) => `! ${line}`,
  (line) => `# c\n${line}`,
  (line) => `${line} # c`,
  (line) => `${line} &`,
]
const noise = '"\'`$(){}[]<>|&;\\\n\t #*?!~=,a0'

/** A command line as models write them, and now and then one that nobody would write. */
export function commandLine(random: () => number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const command = (): string => {
    const parts = [pick(programs)]
    for (let count = Math.floor(random() * 4); count > 0; count--)
      parts.push(pick(random() < 0.15 ? spaced : words))
    if (random() < 0.2) parts.push(pick(redirects))
    return parts.join(' ')
  }
  let line = command()
  while (random() < 0.45) line += pick(random() < 0.4 ? pipes : operators) + command()
  while (random() < 0.25) line = pick(wrappings)(line)
  while (random() < 0.12) {
    const at = Math.floor(random() * (line.length + 1))
    const cut = random() < 0.3 ? 1 : 0
    line = line.slice(0, at) + pick(Array.from(noise)) + line.slice(at + cut)
  }
  return line
}

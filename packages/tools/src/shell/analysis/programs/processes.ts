import { named, unknown, type Call, type Finding } from '../finding.ts'
import { literal, type ShellWord } from '../syntax.ts'

/** Which processes, and how they are shown; without a dash, as in `aux`, an `e` would show their environment. */
const options =
  /^-[AadefFlLjMHwxuTNy]+$|^[auxfwjlhSrTv]+$|^\d+(?:,\d+)*$|^--(?:forest|no-headers|headers|sort=[\w,+-]+)$/
/** Their values are processes, users, groups and terminals. */
const selecting = /^-(?:p|C|u|U|g|G|t|s|-pid|-ppid|-user|-group|-sid|-tty|-sort)$/
const formatting = /^(?:-[AadefFlLjMHwxuNTy]*o|[auxfwjlhSrTv]*o|-O|--format)$/
const fields =
  /^(?:(?:pid|ppid|pgid|sid|tpgid|user|uid|ruser|ruid|group|gid|%cpu|%mem|pcpu|pmem|rss|vsz|sz|time|etime|etimes|cputime|start|lstart|stat|state|s|tty|tt|tname|comm|cmd|args|command|ucmd|nice|ni|pri|nlwp|psr|wchan)(?:=[\w ]*)?(?:,|$))+$/

/** `ps` shows what runs, and with which arguments. What a process has in its environment may be keys. */
export function ps(call: Call): readonly Finding[] {
  for (let at = 0; at < call.args.length; at++) {
    const text = literal(call.args[at] as ShellWord) ?? '$'
    const value = call.args[at + 1]
    const given = value && (literal(value) ?? '$')
    if (formatting.test(text) && given !== undefined && fields.test(given)) at++
    else if (selecting.test(text) && given !== undefined && /^[\w@/][\w,./@+-]*$/.test(given)) at++
    else if (!options.test(text))
      return [named(call), unknown(call, `what ${text} has ps show is not known here`)]
  }
  return [named(call)]
}

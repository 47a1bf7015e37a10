import { ConfigError } from '../errors.ts'
import type { Decision, PermissionRule } from './permission.ts'
import { parseRules } from './rules.ts'

/** Patterns for arguments, as another system writes them: `{ command: 'rm -rf*' }`, `{ file_path: '*.env*' }`. */
export type ArgumentPatterns = { readonly [argument: string]: string }

/**
 * Builds rules by tools and patterns of their arguments, for those who know that form. It is a projection: the rules are ordinary ones,
 * about effects, and go into the option `rules`.
 *
 * @example new PermissionConfig().addDeny('Bash', { command: 'rm -rf*' }).addAllow('mcp__github').rules
 */
export class PermissionConfig {
  readonly #rules: PermissionRule[] = []

  get rules(): readonly PermissionRule[] {
    return [...this.#rules]
  }

  /** Throws `ConfigError` when a pattern makes no sense or names an argument that no rule can be about. */
  addDeny(tool: string, patterns: ArgumentPatterns = {}): this {
    return this.#add('deny', tool, patterns)
  }

  addAllow(tool: string, patterns: ArgumentPatterns = {}): this {
    return this.#add('allow', tool, patterns)
  }

  addAsk(tool: string, patterns: ArgumentPatterns = {}): this {
    return this.#add('ask', tool, patterns)
  }

  #add(decision: Decision, tool: string, patterns: ArgumentPatterns): this {
    const entries = Object.entries(patterns)
    if (entries.length > 1)
      throw new ConfigError(
        `A rule has one pattern; got ${entries.map(([name]) => name).join(', ')} for ${tool}.`,
      )
    const [entry] = entries
    const { rules, errors } = parseRules([entry ? ruleFor(tool, ...entry) : tool], decision)
    if (errors.length) throw new ConfigError(errors.join(' '))
    this.#rules.push(...rules)
    return this
  }
}

/** The text of a rule. A pattern of a path without a folder means a file of that name anywhere. */
function ruleFor(tool: string, argument: string, pattern: string): string {
  switch (argument) {
    case 'command':
      return `bash(${pattern})`
    case 'file_path':
    case 'path':
      return `${tool}(${pattern})`
    case 'url':
    case 'domain':
    case 'host':
      return `network(${pattern})`
    default:
      throw new ConfigError(
        `No rule can be about the argument ${JSON.stringify(argument)} of ${tool}; it can be about command, file_path, path, url, domain or host.`,
      )
  }
}

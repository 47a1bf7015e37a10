import { messageOf } from '@harnext/core/provider'
import { within, type Law, type ProviderCheck } from '../check.ts'
import type { WireFormat } from '../wire/formats.ts'
import { TEST_KEY, type AdapterFactory } from './factory.ts'
import { answerChecks } from './law-answers.ts'
import { cancelChecks } from './law-cancel.ts'
import { errorChecks } from './law-errors.ts'
import { finishChecks } from './law-finish.ts'
import { opaqueChecks } from './law-opaque.ts'
import { optionChecks } from './law-options.ts'
import { requestChecks } from './law-requests.ts'
import type { Scorecard } from './scorecard.ts'
import { subjectOf } from './subject.ts'

export interface TestProviderOptions {
  /** What the adapter speaks. @default the kit's own format of its `api`, or of the part behind the dot */
  readonly format?: WireFormat
  /** One that thinks, sees and calls tools. @default the format's */
  readonly model?: string
  /** How many calls are made to see whether connections are left behind. @default 1000 */
  readonly streams?: number
}

export interface CheckResult {
  readonly law: Law
  readonly name: string
  readonly status: 'passed' | 'failed'
  /** Why it failed. */
  readonly reason?: string
}

/**
 * The checks of the nine laws, for a test runner: each one is run by itself, and one after the other. Throws `ConfigError` when
 * nobody says what the adapter speaks.
 */
export function providerChecks(
  factory: AdapterFactory,
  options: TestProviderOptions = {},
): ProviderCheck[] {
  const subject = subjectOf(factory, options)
  return [
    ...errorChecks(subject),
    ...finishChecks(subject),
    ...answerChecks(subject),
    ...optionChecks(subject),
    ...cancelChecks(subject, options.streams ?? 1000),
    ...requestChecks(subject),
    ...opaqueChecks(subject),
  ]
}

/** Runs all checks, whichever fail. Throws `ConfigError` when nobody says what the adapter speaks. */
export async function testProvider(
  factory: AdapterFactory,
  options: TestProviderOptions = {},
): Promise<Scorecard> {
  const { id, api } = factory({ baseURL: 'http://127.0.0.1:1', apiKey: TEST_KEY })
  const results: CheckResult[] = []
  for (const check of providerChecks(factory, options)) results.push(await resultOf(check))
  return { id, api, results }
}

async function resultOf({ law, name, run }: ProviderCheck): Promise<CheckResult> {
  try {
    await within(HANG_MS, 'the check', run())
    return { law, name, status: 'passed' }
  } catch (error) {
    return { law, name, status: 'failed', reason: messageOf(error) }
  }
}

const HANG_MS = 300_000

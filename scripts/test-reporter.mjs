import { writeFileSync } from 'node:fs'

/** @typedef {{ passed: number, failed: number, skipped: { name: string, reason?: string | undefined }[] }} Report */

/** A vitest reporter that writes what `check` counts to the file HARNEXT_TEST_REPORT. */
export default class TestReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env['HARNEXT_TEST_REPORT']
    if (file) writeFileSync(file, JSON.stringify(report(modules, unhandledErrors)))
  }
}

/** @returns {Report} */
function report(
  /** @type {readonly import('vitest/node').TestModule[]} */ modules,
  /** @type {readonly unknown[]} */ unhandledErrors,
) {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const withState = (/** @type {string} */ state) =>
    tests.filter((test) => test.result().state === state)
  // A file that does not load has no tests to fail.
  const broken = modules.filter((module) => module.errors().length > 0)
  return {
    passed: withState('passed').length,
    failed: withState('failed').length + broken.length + unhandledErrors.length,
    skipped: withState('skipped').map((test) => {
      const result = test.result()
      const reason = result.state === 'skipped' ? result.note : undefined
      return { name: `${test.module.relativeModuleId} > ${test.fullName}`, reason }
    }),
  }
}

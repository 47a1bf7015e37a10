// @boundaries-ignore the configuration that all packages share
export { default } from '../vitest.shared.ts'

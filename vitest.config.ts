import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    maxWorkers: '100%',
    projects: ['packages/*', 'apps/*', 'attacks', 'bench', 'examples', 'scripts'],
  },
})
export default config

import { Harness } from '../src/index.ts'

/** A pipeline of each kind, by the name of its golden files. */
export const pipelines: { readonly [name: string]: () => Promise<Harness> } = {
  async default() {
    const harness = new Harness({ repo: '/nowhere' })
    await harness.setup()
    return harness
  },
  async everything() {
    const harness = new Harness({
      repo: '/nowhere',
      provider: 'openai',
      model: 'gpt-6',
      labelPrefix: 'harnext:',
      processes: {
        run: async () => ({ code: 0, stdout: 'git@github.com:acme/app.git\n', stderr: '' }),
        async *lines() {},
      },
    })
    await harness.setup({
      stages: ['plan', 'implement', 'review'],
      runner: 'self-hosted',
      defaultBranch: 'develop',
      merge: 'manual',
      intake: 'everyone',
      harnextVersion: '1.2.3',
    })
    harness.addStage('security', {
      after: 'review',
      prompt: 'Look for holes.\n\n  * "secrets": ${{ secrets.X }} # no\n',
      provider: 'ollama',
      model: 'llama3.1',
      permissionMode: 'plan',
    })
    harness.setStage('plan', { approval: true, maxTurns: 7 })
    harness.setStage('implement', {
      budget: { maxCostUsd: 2.5 },
      allow: ['bash(npm test:*)', 'network(example.com)'],
      deny: ['read(./.env)'],
      secret: 'TEAM_KEY',
      timeoutMinutes: 30,
    })
    harness.setStage('review', {
      maxIterations: 1,
      sandbox: { mode: 'auto', network: { allow: ['example.com'] } },
    })
    harness.addStage('docs', {
      after: 'implement',
      permissionMode: 'accept_edits',
      sandbox: { mode: 'required', network: false },
    })
    harness.addStage('release', { permissionMode: 'auto', sandbox: 'off' })
    return harness
  },
  async readers() {
    const harness = new Harness({ repo: '/nowhere', provider: 'ollama' })
    await harness.setup({ stages: ['triage', 'plan'], intake: 'manual' })
    return harness
  },
}

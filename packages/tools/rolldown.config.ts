import { defineConfig, type ConfigExport } from 'rolldown'

/** One file for each entry, and for what they share: many modules take long to import. */
const config: ConfigExport = defineConfig({
  input: {
    index: 'src/index.ts',
    read: 'src/read.ts',
    write: 'src/write.ts',
    edit: 'src/edit.ts',
    bash: 'src/bash.ts',
    glob: 'src/glob.ts',
    grep: 'src/grep.ts',
    skills: 'src/skills.ts',
    sandbox: 'src/sandbox.ts',
    'apply-patch': 'src/apply-patch.ts',
    undo: 'src/undo.ts',
    memory: 'src/memory.ts',
    'ask-user': 'src/ask-user.ts',
    'web-search': 'src/web-search.ts',
    'web-fetch': 'src/web-fetch.ts',
    todo: 'src/todo.ts',
    ls: 'src/ls.ts',
    'shell-tools': 'src/shell-tools.ts',
  },
  platform: 'node',
  external: /^(node:|@harnext\/|@mdream\/|@anthropic-ai\/sandbox-runtime$|unbash$)/,
  output: {
    dir: 'dist',
    format: 'esm',
    sourcemap: true,
    // They are in the declarations.
    comments: { jsdoc: false },
    chunkFileNames: 'shared/[name].js',
    // What several entries need at once is one file; what is loaded on first use stays apart.
    codeSplitting: { groups: [{ name: 'common', tags: ['$initial'], minShareCount: 2 }] },
    cleanDir: true,
  },
})
export default config

import { defineConfig, type ChunkingContext, type ConfigExport } from 'rolldown'

/** One file for each entry, and for what they share: a hundred modules take four times as long to import. */
const config: ConfigExport = defineConfig({
  input: {
    index: 'src/index.ts',
    node: 'src/node.ts',
    provider: 'src/provider.ts',
    testing: 'src/testing.ts',
  },
  platform: 'neutral',
  external: /^node:/,
  output: {
    dir: 'dist',
    format: 'esm',
    sourcemap: true,
    // They are in the declarations.
    comments: { jsdoc: false },
    chunkFileNames: 'shared/[name].js',
    // What several entries need at once is one file; what is loaded on first use stays apart.
    codeSplitting: { groups: [{ name: sharedChunk, tags: ['$initial'], minShareCount: 2 }] },
    cleanDir: true,
  },
})

/** What needs Node stays out of the chunk of the root, which runs wherever the Web's APIs are. */
function sharedChunk(id: string, chunking: ChunkingContext): string {
  return reachesNode(id, chunking, new Set()) ? 'common-node' : 'common'
}

function reachesNode(id: string, chunking: ChunkingContext, seen: Set<string>): boolean {
  if (id.startsWith('node:')) return true
  if (seen.has(id)) return false
  seen.add(id)
  const imported = chunking.getModuleInfo(id)?.importedIds ?? []
  return imported.some((each) => reachesNode(each, chunking, seen))
}

export default config

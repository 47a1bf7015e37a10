import { memoryStore } from '../../src/session/memory-store.ts'
import { testSessionStore } from './store-suite.ts'

testSessionStore('memoryStore', () => memoryStore())

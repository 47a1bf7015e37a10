import type { SessionStore } from '@harnext/core'
import { jsonlStore } from '@harnext/core/node'

export const store = (folder: string): SessionStore => jsonlStore({ home: folder, sync: true })

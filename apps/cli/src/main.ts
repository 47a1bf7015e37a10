import { cli } from './cli.ts'
import { nodeIo } from './io.ts'

const io = nodeIo()
io.exit(await cli(io))

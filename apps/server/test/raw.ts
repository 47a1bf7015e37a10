import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** Writes bytes to the server, and gives what came until it closed the connection. `status` is 0 when nothing came. */
export function raw(url: string, bytes: string | readonly string[]): Promise<RawAnswer> {
  const { port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1')
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
    // A server that refuses may close while we still write.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      const [head = '', ...body] = text.split('\r\n\r\n')
      resolve({
        status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0),
        head,
        body: body.join('\r\n\r\n'),
      })
    })
    for (const part of [bytes].flat()) socket.write(part, 'latin1')
  })
}

// A program that uses the login which is kept in the folder of its second argument, and prints what the server gives it for that.
import { fileLogin, McpServers, oauthLogin } from '../../src/index.ts'

const [url = '', folder = ''] = process.argv.slice(2)
const mcp = new McpServers({
  servers: { s: { url } },
  roots: [process.cwd()],
  login: () =>
    oauthLogin({ store: fileLogin(folder, url), redirectUrl: 'http://127.0.0.1/callback' }),
})
try {
  const tools = await mcp.tools('s')
  console.log(tools.map(({ name }) => name).join(' '))
} finally {
  await mcp.close()
}

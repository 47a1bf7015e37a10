// Anything added here becomes public API. Named exports only.

export { createApp, type App, type AppOptions } from './app.ts'
export { startServer, type RunningServer, type ServerOptions } from './server.ts'
